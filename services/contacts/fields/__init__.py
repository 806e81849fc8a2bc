"""The business's own fields of a contact: what there are, and what may stand in them."""
