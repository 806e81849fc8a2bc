"""Credit notes: what of an invoice is taken back, each with a number of its own."""
