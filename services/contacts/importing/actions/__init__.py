"""Starting an import, and taking its rows in step by step."""
