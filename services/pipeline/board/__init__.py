"""The board: every stage with its figures and its first cards, read at once."""
