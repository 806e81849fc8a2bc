"""The books: every movement of money as entries that sum to zero, written once and never changed."""
