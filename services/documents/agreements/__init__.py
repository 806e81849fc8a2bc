"""Agreements: a template's words made out to one contact, frozen, sent, and taken back."""
