"""The few answers that are not a row: what has to be signed, streamed, merged or brought together."""
