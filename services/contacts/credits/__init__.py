"""The credits of the packs that contacts paid for: a ledger that bookings take from and give back to."""
