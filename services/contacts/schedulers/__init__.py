"""What an outside scheduler writes of sessions and bookings, under its own ids."""
