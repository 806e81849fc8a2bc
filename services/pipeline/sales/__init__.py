"""The sales flow: steps that are saved one by one, looked at as a whole, and submitted once."""
