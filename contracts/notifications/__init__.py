"""Notifications: templates, messages sent, and the log of every word exchanged with a contact."""
