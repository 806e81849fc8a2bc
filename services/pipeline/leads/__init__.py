"""Leads: where each stands, whose it is, and how it follows what contacts says of it."""
