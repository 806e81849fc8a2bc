"""Reads files of every kind into numbered rows; it runs in a process of its own, with little memory and time."""
