"""Signing: what the holder of a signing link sees and does, and the signature that is kept."""
