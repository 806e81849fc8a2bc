"""Saved filters whose members follow what happens and the passing of time; system tags are kept in the same way."""
