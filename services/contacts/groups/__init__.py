"""Lists of contacts, picked by hand."""
