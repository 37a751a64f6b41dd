"""The experiments, in rooms by the question they answer; names are imported from their room.

NumPy only; where a download is kept, platformdirs says.
"""
