"""The ground everything stands on: who a contact is, its standing, its lifecycle, its number and its version."""
