"""What a network does with what it reads: a text, a signal, gates held by hand; and what it recites."""
