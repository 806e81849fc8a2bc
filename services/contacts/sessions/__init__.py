"""What can be booked: sessions with their time, place, host and capacity, one by one or in series."""
