"""Behind ./rapport: servers of its own, the processes of the house, demo data, and the set-up of the tests."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SERVICES = ("contacts", "pipeline", "billing", "documents", "notifications")


class Trouble(Exception):
    """Something that the person at the terminal has to know, said without a traceback."""
