"""What the events of all services add up to for one contact."""
