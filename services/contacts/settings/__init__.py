"""What the business says of itself once: its settings, and the locations where it is."""
