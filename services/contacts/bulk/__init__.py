"""One thing done to many contacts, step by step, with what became of each."""
