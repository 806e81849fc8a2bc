"""Whom something is to be done to: named one by one, or all who match."""
