"""Letters that hand an invoice over, with its PDF."""
