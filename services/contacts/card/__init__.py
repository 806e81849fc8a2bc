"""The card of a contact: entered, read, changed and found as one piece, though its parts lie in several rooms."""
