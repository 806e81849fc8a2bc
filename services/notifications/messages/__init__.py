"""Messages that we send: queued once, handed over at most once, and told what became of them."""
