"""Contacts: the people and companies that the business knows, their history, and the team that looks after them."""
