"""Which location somebody means, and what it is called: contacts keeps them, and is asked."""
