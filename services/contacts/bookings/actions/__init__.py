"""What can be done with bookings, and with sessions and their bookings together."""
