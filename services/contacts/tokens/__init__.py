"""Refresh tokens: good once, renewed at every use, and an alarm when one comes that was used before."""
