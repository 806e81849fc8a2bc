"""A service that stands on the chassis and exists to be hurt: it makes marks, and every run of it can be counted."""
