"""Billing: what is sold, what was ordered, what was paid, and the books underneath."""
