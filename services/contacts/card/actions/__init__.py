"""What can be done with cards."""
