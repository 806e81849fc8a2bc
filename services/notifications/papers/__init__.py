"""Letters that hand an invoice or a credit note over, with its PDF."""
