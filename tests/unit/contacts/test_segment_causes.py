"""Which of the events of a contact let it enter or leave a segment."""

import pytest

from services.contacts.segments.rules.causes import cause_of, may_move


class Event:
    def __init__(self, type, **data):
        self.type, self.data = type, data


CREATED = Event("contact.created", entered_as="lead")
RENAMED = Event("contact.changed", changes={"first_name": {"before": "Ada", "after": "Bea"}})
ARCHIVED = Event("contact.changed", changes={"standing": {"before": "active", "after": "archived"}})
BOOKED = Event("booking.made", booking_id="b", bookings=1, upcoming=1)
COUNTED = Event("contact.facts_changed", changes={"bookings": {"before": 0, "after": 1}})
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
        ([CREATED, COUNTED], {"bookings", "ever_subscribed"}, COUNTED),
        ([CREATED, BOOKED], {"bookings"}, BOOKED),
        ([CREATED, BOOKED], {"bookings_within"}, BOOKED),
        ([CREATED, BOOKED, COUNTED], {"bookings_within"}, BOOKED),
    ],
)
def test_the_cause_is_what_touches_what_the_segment_asks_about(events, fields, cause):
    assert cause_of(events, fields) is cause


def facts_changed(*names):
    return Event("contact.facts_changed", changes={name: {"before": None, "after": 1} for name in names})


@pytest.mark.requirement("C26")
@pytest.mark.parametrize(
    ("event", "fields", "may"),
    [
        (Event("contact.tagged", tag="x"), {"tags", "created_at"}, True),
        (Event("contact.tagged", tag="x"), {"created_at"}, False),
        (Event("group.left", name="x"), {"groups"}, True),
        (Event("group.left", name="x"), {"tags"}, False),
        (facts_changed("bookings", "stage"), {"bookings"}, True),  # the fact, and not the bookings within a time
        (facts_changed("stage"), {"dues"}, False),
        (facts_changed(), {"dues"}, False),
        (Event("external_id.added", value="x"), {"tags"}, True),  # which is a change of the contact too
        (CREATED, {"dues"}, True),
        (RENAMED, {"changed_at"}, True),
    ],
)
def test_who_cannot_move_need_not_be_looked_at(event, fields, may):
    assert may_move(event, fields) is may
