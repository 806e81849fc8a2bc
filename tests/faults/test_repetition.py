"""Each message one to five times, in any order, in any batches: the real listeners end in the same state."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from chassis.ids import new_id
from chassis.told import Told
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import people
from tests.faults.listening import Listening, told
from tests.house.living import LivingHouse

pytestmark = pytest.mark.requirement("C03", "C31", "P07")
EXAMPLES = 12 * int(os.environ.get("FAULTS_TIMES", "1"))
small_count = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Story = Callable[[str], list[Told]]
"""What happened, told of whichever contact."""


@st.composite
def arrivals(draw: st.DrawFn, events: Sequence[Told]) -> list[list[Told]]:
    """The same events as a bad network brings them."""
    repeated = [event for event in events for _ in range(draw(st.integers(1, 5)))]
    left, batches = list(draw(st.permutations(repeated))), []
    while left:
        size = draw(st.integers(1, 8))
        batches.append(left[:size])
        left = left[size:]
    return batches


def ends_alike(listening: Listening, data: st.DataObject, story: Story, question: str, who: Callable[[], str]) -> None:
    """Tell the story in order of one contact, and as it may arrive of another; both end alike."""
    in_order, as_it_comes = who(), who()
    for event in story(in_order):
        listening.hear([event])
    for batch in data.draw(arrivals(story(as_it_comes))):
        listening.hear(batch)
    expected = listening.see(question, in_order)
    assert expected, "nothing came of it"
    assert listening.see(question, as_it_comes) == expected


LIFE = st.lists(
    st.one_of(
        st.tuples(st.just("assigned_to"), st.sampled_from([None, new_id(), new_id()])),
        st.tuples(st.just("source"), st.sampled_from([None, "walk-in", "web"])),
        st.tuples(st.just("first_name"), st.sampled_from(["Ada", "Zoë"])),
        st.tuples(st.just("standing"), st.sampled_from(["active", "archived"])),
        st.tuples(st.just("lifecycle"), st.sampled_from(["lead", "customer", "former_customer"])),
    ),
    max_size=6,
)


def life_of(entered_as: str, changes: list[tuple[str, Any]]) -> Story:
    """A contact is entered, and changes once or several times."""

    def story(contact_id: str) -> list[Told]:
        events = [
            told(people.contact_created, contact_id, 1, kind="person", display_name="Ada 1", entered_as=entered_as,
                 acquisition="manual", source="web", assigned_to=None, location=None, version=1)
        ]  # fmt: skip
        before = entered_as
        for version, (field, after) in enumerate(changes, 2):
            if field == "lifecycle":
                facts = {
                    "before": before,
                    "after": after,
                    "reason": f"since {version}",
                    "since": "2026-11-22T12:00:00Z",
                }
                events.append(told(people.contact_lifecycle_changed, contact_id, version, **facts, version=version))
                before = after
            else:
                facts = {"changes": {field: {"before": None, "after": after}}, "display_name": f"Ada {version}"}
                events.append(told(people.contact_changed, contact_id, version, **facts, version=version))
        return events

    return story


@pytest.fixture(scope="module")
def listener(house: LivingHouse) -> Iterator[Callable[..., Listening]]:
    """One of each kind for all examples."""
    built: dict[str, Listening] = {}

    def listen(service: str, door: str) -> Listening:
        if door not in built:
            built[door] = Listening(house, service, door)
        return built[door]

    yield listen
    for one in built.values():
        one.close()


@small_count
@given(data=st.data(), entered_as=st.sampled_from(["lead", "customer"]), changes=LIFE)
def test_the_same_lead_stands_in_the_same_stage(
    listener: Callable[..., Listening], data: st.DataObject, entered_as: str, changes: list[tuple[str, Any]]
) -> None:
    question = (
        "SELECT stage_id, status, assigned_to, source, location, lifecycle, lifecycle_reason, as_of, k.display_name,"
        " k.standing FROM leads JOIN known_contacts k USING (contact_id) WHERE contact_id = %s"
    )
    pipeline = listener("pipeline", "follow_contacts")
    ends_alike(pipeline, data, life_of(entered_as, changes), question, new_id)


@small_count
@given(data=st.data(), changes=LIFE)
def test_the_same_contact_is_remembered(
    listener: Callable[..., Listening], data: st.DataObject, changes: list[tuple[str, Any]]
) -> None:
    question = "SELECT display_name, standing FROM known_contacts WHERE contact_id = %s"
    notifications = listener("notifications", "remember_contacts")
    ends_alike(notifications, data, life_of("lead", changes), question, new_id)


@small_count
@given(data=st.data(), changes=LIFE)
def test_the_timeline_has_each_entry_once(
    listener: Callable[..., Listening], data: st.DataObject, changes: list[tuple[str, Any]]
) -> None:
    question = (
        "SELECT happened_at, type, data FROM timeline_entries WHERE contact_id = %s ORDER BY happened_at, event_id"
    )
    timeline = listener("contacts", "add_to_timeline")
    ends_alike(timeline, data, life_of("lead", changes), question, new_id)


PACKAGES = st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=7)
"""Which of three packages, and whether it was paid or reversed."""


@small_count
@given(data=st.data(), changes=PACKAGES)
def test_the_same_packages_make_the_same_customer(
    house: LivingHouse, listener: Callable[..., Listening], data: st.DataObject, changes: list[tuple[int, bool]]
) -> None:
    def story(contact_id: str) -> list[Told]:
        ids = [new_id() for _ in range(3)]
        events = []
        for position, (package, paid) in enumerate(changes, 1):
            about = {"assignment_id": ids[package], "name": f"Package {package}"}
            if paid:
                about |= {"kind": "membership", "since": f"2026-11-{package + 1:02}"}
            else:
                about |= {"reason": f"refunded {position}"}
            events.append(told(package_paid if paid else package_reversed, contact_id, position, **about))
        return events

    def a_lead() -> str:
        contact = house.ask(
            people.create_contact, kind="person", enter_as="lead", first_name="Ada", last_name=new_id(),
            assigned_to=house.owner["id"],
        )  # fmt: skip
        return str(contact["id"])

    question = "SELECT lifecycle, lifecycle_reason, customer_since FROM contacts WHERE id = %s"
    contacts = listener("contacts", "weigh_package")
    ends_alike(contacts, data, story, question, a_lead)
