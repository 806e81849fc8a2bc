"""What stands against archiving a contact, over all the rooms of billing, and holding whom nothing stands against."""
