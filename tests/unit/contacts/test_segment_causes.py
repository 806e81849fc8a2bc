"""Which of the events of a contact let it enter or leave a segment."""

import pytest

from services.contacts.segments.rules.causes import cause_of


class Event:
    def __init__(self, type, **data):
        self.type, self.data = type, data


CREATED = Event("contact.created", entered_as="lead")
RENAMED = Event("contact.changed", changes={"first_name": {"before": "Ada", "after": "Bea"}})
ARCHIVED = Event("contact.changed", changes={"standing": {"before": "active", "after": "archived"}})
MOVED = Event("contact.changed", changes={"location": {"before": None, "after": "riga"}})


@pytest.mark.requirement("C26")
@pytest.mark.parametrize(
    ("events", "fields", "cause"),
    [
        ([CREATED, RENAMED], {"first_name"}, RENAMED),
        ([CREATED, RENAMED], {"created_at"}, CREATED),
        ([RENAMED], {"created_at"}, None),
        ([ARCHIVED, CREATED], {"created_at"}, ARCHIVED),  # who is archived is in no segment, whatever it asks about
        ([MOVED, ARCHIVED], {"location"}, ARCHIVED),
    ],
)
def test_the_cause_is_what_touches_what_the_segment_asks_about(events, fields, cause):
    assert cause_of(events, fields) is cause
