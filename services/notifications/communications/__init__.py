"""The log of every word exchanged with a contact: what we sent, and what people wrote down."""
