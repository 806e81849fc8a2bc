"""What can be asked of imports, and who is here already."""
