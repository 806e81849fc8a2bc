"""What a contact has used of the business, and what it came to."""
