"""The timeline, filled over the real broker."""

from __future__ import annotations

import time
import uuid

import pytest

from contracts.billing import orders, packages
from contracts.contacts import notes, people, tags, timeline
from contracts.errors import Invalid, NotFound
from tests.builders.people import a_lead

BY_HAND = "contact.created,contact.tagged,note.added"  # segments come and go beside them, when they are ready


def entries(ask, contact_id, *, at_least, **filters):
    """Wait until the timeline has so many entries."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        page = ask(timeline.get_timeline, contact_id=contact_id, **filters)
        if len(page["items"]) >= at_least:
            return page["items"]
        time.sleep(0.05)
    raise AssertionError(f"The timeline has only {page['items']}")


@pytest.fixture
def contact(ask):
    """Somebody with a tag and a note."""
    word = uuid.uuid4().hex[:12]
    person = ask(
        people.create_contact, first_name="Ada", enter_as="customer", emails=[{"value": f"{word}@example.org"}]
    )
    ask(tags.add_tag, contact_id=person["id"], tag="VIP")
    ask(notes.add_note, contact_id=person["id"], text="Likes mornings.")
    return person["id"]


@pytest.mark.requirement("C31")
def test_what_happens_stands_on_the_timeline_newest_first(ask, contact):
    told = entries(ask, contact, at_least=3, type=BY_HAND)
    assert [entry["type"] for entry in told] == ["note.added", "contact.tagged", "contact.created"]
    assert told[1]["summary"] == "Tagged “VIP”"
    assert told[0]["summary"].endswith("Likes mornings.")
    assert {entry["source"] for entry in told} == {"contacts"}
    assert told[0]["actor"]["role"] == "owner"


@pytest.mark.requirement("C31")
def test_the_timeline_is_filtered_by_type_or_by_thing(ask, contact):
    entries(ask, contact, at_least=3, type=BY_HAND)
    asked = {"contact": 2, "contact.tagged": 1, "note, contact.created": 2, "payment": 0}
    for wanted, count in asked.items():
        assert len(ask(timeline.get_timeline, contact_id=contact, type=wanted)["items"]) == count, wanted


@pytest.mark.requirement("C31")
def test_the_timeline_comes_in_pages(ask, contact):
    whole = entries(ask, contact, at_least=3, type=BY_HAND)
    first = ask(timeline.get_timeline, contact_id=contact, type=BY_HAND, limit=2)
    rest = ask(timeline.get_timeline, contact_id=contact, type=BY_HAND, limit=2, cursor=first["next"])
    assert first["items"] + rest["items"] == whole
    assert rest["next"] is None


@pytest.mark.requirement("C31")
def test_a_kind_that_does_not_exist_is_refused(ask, contact):
    with pytest.raises(Invalid) as refusal:
        ask(timeline.get_timeline, contact_id=contact, type="weather")
    assert refusal.value.errors[0]["pointer"] == "/type"


@pytest.mark.requirement("G05")
def test_who_may_not_see_money_does_not_see_it_on_the_timeline_either(ask, contact):
    price = {"amount": 4900, "currency": "EUR"}
    gold = ask(packages.create_package, name="Gold", kind="membership", price=price)
    ask(orders.place_order, contact_id=contact, items=[{"package_id": gold["id"]}])
    told = entries(ask, contact, at_least=1, type="order.placed")
    assert "49.00 EUR" in told[0]["summary"]
    seen = ask(timeline.get_timeline, contact_id=contact, actor="practitioner")["items"]
    assert {entry["source"] for entry in seen} == {"contacts"}


def test_nobody_has_no_timeline(ask):
    with pytest.raises(NotFound):
        ask(timeline.get_timeline, contact_id=str(uuid.uuid4()))


@pytest.mark.requirement("C31")
def test_a_change_of_the_profile_shows_what_was_before(ask, contact):
    ask(people.change_contact, contact_id=contact, first_name="Augusta")
    [entry] = entries(ask, contact, at_least=1, type="contact.changed")
    assert entry["data"]["changes"]["first_name"] == {"before": "Ada", "after": "Augusta"}
    assert entry["summary"] == "Profile changed: first name"


@pytest.mark.requirement("C21", "C31")
def test_what_the_system_does_by_itself_is_no_deed_of_who_caused_it(ask):
    lead = a_lead(ask)["id"]
    [tagged] = entries(ask, lead, at_least=1, type="contact.tagged")
    assert (tagged["data"]["tag"], tagged["data"]["system"]) == ("new-lead", True)
    assert tagged["actor"] == {"id": "service:contacts", "role": "service", "name": "contacts"}
    assert tagged["data"]["cause"]["words"]
    assert entries(ask, lead, at_least=1, type="contact.created")[0]["actor"]["role"] == "owner"
