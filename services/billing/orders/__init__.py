"""What contacts buy: orders, their numbers, and what is due on each."""
