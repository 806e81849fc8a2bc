"""Who comes to a session, who waits for a place, and what became of it."""
