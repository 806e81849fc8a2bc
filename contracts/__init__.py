"""The published language: what may be asked, what is announced. Nothing here runs."""
