"""Which people belong to which companies, and what they are there."""
