"""Contacts as a file for a spreadsheet, that can be imported again."""
