"""Whom nothing is sold to at this moment, because they are being archived (decision 0145)."""
