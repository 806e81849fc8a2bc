"""What a filter becomes in SQL, and who matches it."""
