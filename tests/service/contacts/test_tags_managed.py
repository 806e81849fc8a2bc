"""Tags as they are managed, and the system's own, which no hand puts on."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.contacts import tags
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from services.contacts.tags.rules import SYSTEM_TAGS
from tests.builders.people import a_lead


@pytest.fixture
def word():
    return uuid.uuid4().hex[:10]


@pytest.fixture
def of_system(ask):
    return {tag["name"]: tag for tag in _all(ask) if tag["system"]}


@pytest.mark.requirement("C21", "G10")
def test_a_tag_is_made_and_called_otherwise_for_everybody(ask, subscriber, word):
    listener = subscriber("contacts.events", "tag.*")
    tag = ask(tags.create_tag, name=f"Early  bird {word}")
    lead = a_lead(ask)["id"]
    ask(tags.add_tag, contact_id=lead, tag=f"EARLY BIRD {word}")
    renamed = ask(tags.rename_tag, tag_id=tag["id"], name=f"Lark {word}")
    assert (renamed["name"], renamed["version"]) == (f"Lark {word}", 2)
    assert ask(tags.rename_tag, tag_id=tag["id"]) == renamed  # a merge-patch that says nothing
    assert _names(ask, lead) == [f"Lark {word}"]
    assert ask(tags.get_tag, tag_id=tag["id"]) == {**renamed, "carried_by": 1}
    told, names = listener.wait_for("tag.renamed").data, {"before": f"Early bird {word}", "after": f"Lark {word}"}
    assert told == {"tag_id": tag["id"], "name": names["after"], "before": names["before"], "changes": {"name": names}}
    assert ask(tags.create_tag, name=f"Early bird {word}")["id"] != tag["id"]


@pytest.mark.requirement("C21")
def test_two_tags_are_never_called_alike(ask, word):
    one, other = ask(tags.create_tag, name=f"One {word}"), ask(tags.create_tag, name=f"Other {word}")
    for rpc, given in ((tags.create_tag, {}), (tags.rename_tag, {"tag_id": other["id"]})):
        with pytest.raises(Conflict) as refused:
            ask(rpc, name=f" one  {word}", **given)
        assert refused.value.extra["existing_id"] == one["id"]
    with ThreadPoolExecutor(4) as at_once:
        outcomes = list(at_once.map(lambda tag: _renamed(ask, tag, f"Same {word}"), [one, other] * 2))
    assert outcomes.count(True) in (1, 2)  # whoever has the name may be told it again
    assert len([tag for tag in _all(ask) if tag["name"] == f"Same {word}"]) == 1


@pytest.mark.requirement("C21", "G06")
def test_a_deleted_tag_says_who_had_it_and_leaves_them(ask, api, subscriber, word):
    listener = subscriber("contacts.events", "contact.untagged")
    leads = [a_lead(ask)["id"] for _ in range(2)]
    for lead in leads:
        ask(tags.add_tag, contact_id=lead, tag=word)
    [tag] = _own(ask, leads[0])
    path = f"/tags/{tag['id']}"
    assert api.delete(path, params={"carried_by": 1}).status_code == 409
    gone = api.delete(path, params={"carried_by": 2}).json()
    assert (gone["name"], gone["carried_by"]) == (word, 2)
    assert api.get(path).status_code == 404
    assert _own(ask, leads[0]) == []
    for lead in leads:
        assert listener.wait_for("contact.untagged", subject=lead).data["tag"] == word
    assert word in ask(tags.add_tag, contact_id=leads[0], tag=word)["tags"]


@pytest.mark.requirement("C21")
def test_who_had_the_one_tag_has_the_other_after_a_merge(ask, subscriber, eventually, word):
    listener = subscriber("contacts.events", "contact.*")
    only, both = a_lead(ask)["id"], a_lead(ask)["id"]
    for lead, name in ((only, f"gone {word}"), (both, f"gone {word}"), (both, f"kept {word}")):
        ask(tags.add_tag, contact_id=lead, tag=name)
    by_name = {tag["name"]: tag["id"] for tag in _own(ask, both)}
    merge = {"tag_id": by_name[f"gone {word}"], "into": by_name[f"kept {word}"]}
    with pytest.raises(Invalid):
        ask(tags.merge_tags, tag_id=merge["into"], into=merge["into"])
    assert ask(tags.merge_tags, **merge)["carried_by"] == 2
    for lead in (only, both):
        eventually(lambda lead=lead: _names(ask, lead), lambda names: names == [f"kept {word}"])
    listener.wait_for("contact.untagged", subject=both)
    eventually(lambda: _told(listener, only), lambda told: ("contact.tagged", f"kept {word}") in told)
    assert [type for type, _ in _told(listener, both)] == ["contact.tagged", "contact.tagged", "contact.untagged"]


@pytest.mark.requirement("C21")
def test_the_systems_tags_say_what_they_mean_and_are_for_no_hand(ask, of_system, word):
    assert of_system.keys() == set(SYSTEM_TAGS)
    assert all(tag["meaning"] for tag in of_system.values())
    lead = a_lead(ask)["id"]
    mine = ask(tags.create_tag, name=word)
    for name, tag in of_system.items():
        for rpc, given in (
            (tags.add_tag, {"contact_id": lead, "tag": name.upper()}),
            (tags.remove_tag, {"contact_id": lead, "tag": name}),
            (tags.create_tag, {"name": f" {name}"}),
            (tags.rename_tag, {"tag_id": mine["id"], "name": name}),
            (tags.rename_tag, {"tag_id": tag["id"], "name": f"my {word}"}),
            (tags.delete_tag, {"tag_id": tag["id"]}),
            (tags.merge_tags, {"tag_id": mine["id"], "into": tag["id"]}),
            (tags.merge_tags, {"tag_id": tag["id"], "into": mine["id"]}),
        ):
            with pytest.raises(Conflict):
                ask(rpc, **given)
    assert _names(ask, lead) == []


def test_tags_are_managed_by_who_may(ask, word):
    tag = ask(tags.create_tag, name=word)
    for rpc, given in ((tags.rename_tag, {"name": "x"}), (tags.delete_tag, {}), (tags.merge_tags, {"into": tag["id"]})):
        with pytest.raises(Forbidden):
            ask(rpc, actor="sales", tag_id=tag["id"], **given)
        with pytest.raises(NotFound):
            ask(rpc, tag_id=str(uuid.uuid4()), **given)


def _all(ask) -> list[dict]:
    items, cursor = [], None
    while True:
        page = ask(tags.list_tags, limit=200, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def _own(ask, contact_id: str) -> list[dict]:
    """What the business put on; the system's come and go in their own time."""
    return [tag for tag in ask(tags.list_tags, contact_id=contact_id)["items"] if not tag["system"]]


def _names(ask, contact_id: str) -> list[str]:
    return [tag["name"] for tag in _own(ask, contact_id)]


def _told(listener, contact_id: str) -> list[tuple[str, str]]:
    listener.listen(0.05)
    about = [event for event in listener.heard if event.subject == contact_id and "tagged" in event.type]
    return [(event.type, event.data["tag"]) for event in about if event.data["tag"] not in SYSTEM_TAGS]


def _renamed(ask, tag: dict, name: str) -> bool:
    try:
        ask(tags.rename_tag, tag_id=tag["id"], name=name)
    except Conflict:
        return False
    return True
