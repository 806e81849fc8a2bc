"""Notifications: what we say to a contact, sent at most once, and the log of everything said."""
