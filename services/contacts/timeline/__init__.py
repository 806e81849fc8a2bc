"""Everything that happened with a contact, from every service, in one order."""
