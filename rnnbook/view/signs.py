"""Signs for letters that leave no ink, in every picture and text of the book."""

SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
