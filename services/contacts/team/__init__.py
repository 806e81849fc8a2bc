"""The people who work here: accounts, roles, signing in and out; and the keys of other systems."""
