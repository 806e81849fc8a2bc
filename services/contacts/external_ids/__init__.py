"""Under which ids other systems know a contact."""
