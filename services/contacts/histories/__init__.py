"""Who changed what of the things that are managed and are no contact."""
