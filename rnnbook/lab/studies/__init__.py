"""The long comparisons, whose results are stored as tables."""
