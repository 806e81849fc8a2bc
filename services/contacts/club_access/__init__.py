"""The locations that a customer may enter."""
