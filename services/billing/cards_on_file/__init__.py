"""Cards on file: which cards of a contact may be charged again, and which of them is when none is named."""
