"""Whom to call when something happens to a contact; some of them become contacts of their own."""
