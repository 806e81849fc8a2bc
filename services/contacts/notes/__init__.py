"""What the team writes down about a contact."""
