"""Brings files of contacts in: row by row told what became of it, and twice the same file is once."""
