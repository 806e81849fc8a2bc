"""What the card provider sends by webhook: each says where to look, and the provider is asked what holds."""
