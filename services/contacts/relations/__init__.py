"""Who is whose family, guardian, friend, partner or colleague; one row, read from both sides."""
