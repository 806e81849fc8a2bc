"""The front of the house: one HTTP API over five services, and nothing that a service should know."""
