"""People who come by themselves: the public door, and what becomes of those who knock."""
