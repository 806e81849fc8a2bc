"""What the pipeline remembers of who works here: their names, and whether they still do."""
