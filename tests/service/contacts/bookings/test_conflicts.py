"""A conflict names the field of the request that is to blame, where one is."""

from __future__ import annotations

import pytest

from contracts.contacts import bookings
from contracts.errors import Conflict
from tests.builders.sessions import a_session, guests


@pytest.mark.requirement("C32", "G06")
def test_a_conflict_of_bookings_names_what_is_to_blame(ask):
    full, late, other = a_session(ask, places=1), a_session(ask, starts={"hours": 1}), a_session(ask, places=2)
    ada, bo, cy = guests(ask, 3)
    booked = ask(bookings.book, session_id=full["id"], contact_id=ada)
    soon = ask(bookings.book, session_id=late["id"], contact_id=bo)
    several = [ask(bookings.book, session_id=other["id"], contact_id=who) for who in (ada, bo)]

    def blamed(rpc, **asked):
        with pytest.raises(Conflict) as refused:
            ask(rpc, **asked)
        return [error["pointer"] for error in refused.value.errors], refused.value.extra

    twice = {"booking_id": booked["id"], "contact_id": ada}
    assert blamed(bookings.book, session_id=full["id"], contact_id=ada) == (["/contact_id"], twice)
    at, first = blamed(bookings.book_group, session_id=other["id"], contact_ids=[cy, bo, ada])
    assert (sorted(at), first["booking_id"]) == (["/contact_ids/1", "/contact_ids/2"], several[0]["id"])
    assert blamed(bookings.book_group, session_id=full["id"], contact_ids=[bo, cy]) == (["/contact_ids"], {})
    assert blamed(bookings.rebook, booking_id=booked["id"]) == (["/booking_id"], twice)
    move = {"booking_id": booked["id"]}
    assert blamed(bookings.reschedule_booking, session_id=full["id"], **move) == (["/session_id"], {})
    there = {"booking_id": several[0]["id"], "contact_id": ada}
    assert blamed(bookings.reschedule_booking, session_id=other["id"], **move) == (["/session_id"], there)
    waived = {"booking_id": soon["id"], "session_id": full["id"]}
    assert blamed(bookings.reschedule_booking, **waived) == (["/waive_late"], {})
    # That a session is full is nobody's field: the state as a whole is to blame.
    assert blamed(bookings.book, session_id=full["id"], contact_id=cy, if_full="refuse")[0] == []
