"""What the tests live in: real servers once a run, a house of real processes a worker, and private houses to hurt."""
