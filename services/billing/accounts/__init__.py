"""What billing knows of a contact, in one answer."""
