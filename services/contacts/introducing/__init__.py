"""Relating a contact to somebody, who may be entered on the way."""
