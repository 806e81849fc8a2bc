"""What who brings others along gets for it, and gives back when that comes to nothing."""
