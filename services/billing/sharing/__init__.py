"""Shared memberships: whom the owner of a subscription lets use it too, up to its seats."""
