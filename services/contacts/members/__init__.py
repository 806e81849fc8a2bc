"""Members: who of the contacts may sign in, by a one-time code, and for how long."""
