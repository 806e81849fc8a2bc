"""Who is in which segment, as contacts tells it: the board is filtered by saved filters (0208)."""
