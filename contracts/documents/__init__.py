"""What may be asked of documents, and what it announces: agreement templates, agreements, signing."""
