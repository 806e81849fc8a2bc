"""What may be asked of billing, and what it announces: packages, orders, payments, accounts."""
