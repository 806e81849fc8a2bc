"""Documents: what a contact is given to sign, and the proof that it was signed."""
