"""Training: the loop, blocks of a sequence in order, how many weights a network has, how often it is right."""
