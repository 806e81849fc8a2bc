"""What contacts agreed to, as a ledger, and how they wish to be reached."""
