"""What can be asked of segments."""
