"""What may be asked of the pipeline, and what it announces."""
