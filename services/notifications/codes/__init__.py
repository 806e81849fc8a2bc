"""Letters with a one-time code, which is in the letter alone."""
