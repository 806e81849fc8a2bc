"""How a file becomes drafts of contacts: pure functions over bytes, rows and columns."""
