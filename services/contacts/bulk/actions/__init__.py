"""Starting a bulk action, and doing it step by step."""
