"""Contacts found by what somebody remembers of them, or by a filter; the filter language is spoken here alone."""
