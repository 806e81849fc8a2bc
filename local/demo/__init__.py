"""A studio with some life in it, made through the API as anybody could make it."""
