"""Keys that sort by the time they were made."""

from uuid_utils import uuid7


def new_id() -> str:
    """Make a UUIDv7 (RFC 9562) as its canonical string."""
    return str(uuid7())
