"""Promo codes: who may use them, for what, and how often."""
