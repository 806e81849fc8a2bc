"""What may be asked of contacts, and what it announces."""
