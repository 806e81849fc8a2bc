"""Taxes: the rates that the business charges, and what of an amount is tax."""
