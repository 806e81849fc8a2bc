"""Relations, by the door: one row, seen from both sides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.ids import new_id
from contracts.contacts import people, relations
from contracts.errors import Conflict, Invalid, NotFound, Problem, Stale
from tests.builders.people import a_lead, a_phone, an_email


@pytest.fixture
def ada(ask):
    return a_lead(ask)


@pytest.fixture
def ben(ask):
    return a_lead(ask)


@pytest.mark.requirement("C28")
def test_a_guardian_here_is_a_ward_there_and_both_hear_of_it(ask, subscriber, ada, ben):
    listener = subscriber("contacts.events", "relation.*")
    relation = ask(relations.add_relation, contact_id=ada["id"], related_id=ben["id"], kind="guardian")
    assert (relation["role"], relation["inverse_role"]) == ("guardian", "ward")
    assert (relation["contact"]["id"], relation["related"]["display_name"]) == (ada["id"], ben["display_name"])
    [there] = ask(relations.list_relations, contact_id=ben["id"])["items"]
    assert (there["id"], there["role"], there["inverse_role"]) == (relation["id"], "ward", "guardian")
    assert there["related"]["id"] == ada["id"]
    assert listener.wait_for("relation.added", subject=ada["id"]).data["role"] == "guardian"
    assert listener.wait_for("relation.added", subject=ben["id"]).data["role"] == "ward"

    side = {"contact_id": ben["id"], "relation_id": relation["id"]}
    changed = ask(
        relations.change_relation, **side, kind="family", role="child", note="since birth", expected_version=1
    )
    assert (changed["role"], changed["inverse_role"], changed["version"]) == ("child", "parent", 2)
    from_ada = ask(relations.get_relation, contact_id=ada["id"], relation_id=relation["id"])
    assert (from_ada["kind"], from_ada["role"], from_ada["note"]) == ("family", "parent", "since birth")
    assert ask(relations.change_relation, **side, role="child")["version"] == 2
    with pytest.raises(Stale):
        ask(relations.change_relation, **side, note="older", expected_version=1)

    ask(relations.remove_relation, **side)
    assert listener.wait_for("relation.removed", subject=ada["id"]).data["related_id"] == ben["id"]
    assert ask(relations.list_relations, contact_id=ada["id"])["items"] == []


@pytest.mark.requirement("C28")
def test_nobody_is_related_to_themselves_or_twice(ask, ada, ben):
    pair = {"contact_id": ada["id"], "related_id": ben["id"]}
    first = ask(relations.add_relation, **pair, kind="friend")
    for one, other in ((ada, ben), (ben, ada)):
        with pytest.raises(Conflict) as refusal:
            ask(relations.add_relation, contact_id=one["id"], related_id=other["id"], kind="friend")
        assert refusal.value.extra["existing_id"] == first["id"]
    second = ask(relations.add_relation, **pair, kind="family")  # of another kind
    with pytest.raises(Conflict):
        ask(relations.change_relation, contact_id=ada["id"], relation_id=second["id"], kind="friend")
    for given, pointers in [
        ({"related_id": ada["id"]}, ["/related_id"]),
        ({"related_id": new_id()}, ["/related_id"]),
        ({"person": {"first_name": "x"}}, ["/related_id", "/person"]),
        ({"kind": "enemy"}, ["/kind"]),
        ({"kind": "friend", "role": "parent"}, ["/role"]),
    ]:
        with pytest.raises(Problem) as refusal:
            ask(relations.add_relation, **{**pair, "kind": "partner", **given})
        assert [error["pointer"] for error in refusal.value.errors] == pointers
    with pytest.raises(NotFound):  # not a relation of this contact
        ask(relations.get_relation, contact_id=a_lead(ask)["id"], relation_id=first["id"])


@pytest.mark.requirement("C28")
def test_two_who_relate_the_same_pair_at_once_make_one_relation(ask, ada, ben):
    def relate(n: int) -> bool:
        one, other = (ada, ben) if n % 2 else (ben, ada)
        try:
            ask(relations.add_relation, contact_id=one["id"], related_id=other["id"], kind="partner")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(relate, range(8))) == 1
    assert len(ask(relations.list_relations, contact_id=ada["id"])["items"]) == 1


@pytest.mark.requirement("C28")
def test_a_relation_that_both_sides_change_or_remove_at_once_is_one_still(ask, ada, ben):
    kinds = [
        ask(relations.add_relation, contact_id=ada["id"], related_id=ben["id"], kind=kind)["id"]
        for kind in ("friend", "partner")
    ]

    def at_once(rpc: object, relation_ids: list[str], refused: type[Problem], **given: str) -> int:
        def done(n: int) -> bool:
            side = {"contact_id": (ada, ben)[n % 2]["id"], "relation_id": relation_ids[n % len(relation_ids)]}
            try:
                ask(rpc, **side, **given)
            except refused:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(done, range(8)))

    assert at_once(relations.change_relation, kinds, Conflict, kind="family") == 4  # those of one, changed once
    [family] = ask(relations.list_relations, contact_id=ada["id"], kind="family")["items"]
    assert at_once(relations.remove_relation, [family["id"]], NotFound) == 1
    assert len(ask(relations.list_relations, contact_id=ben["id"])["items"]) == 1


@pytest.mark.requirement("C15", "C18", "C28")
def test_a_related_contact_is_entered_on_the_way(ask, ada):
    person = {"first_name": "Cleo", "last_name": ada["last_name"], "emails": [an_email()], "phones": [a_phone()]}
    relation = ask(relations.add_relation, contact_id=ada["id"], person=person, kind="family", role="child")
    cleo = ask(people.get_contact, contact_id=relation["related"]["id"])
    assert (cleo["first_name"], cleo["acquisition"], cleo["studio_controlled"]) == ("Cleo", "related_contact", False)
    assert (cleo["lifecycle"]["state"], cleo["assigned_to"]) == ("lead", ada["assigned_to"])

    with pytest.raises(Conflict) as refusal:  # known already: nobody is entered, nobody is related
        ask(relations.add_relation, contact_id=ada["id"], person=person, kind="friend")
    assert refusal.value.extra["existing_id"] == cleo["id"]
    with pytest.raises(Invalid) as nonsense:
        ask(
            relations.add_relation,
            contact_id=ada["id"],
            person={"first_name": "Dan", "emails": [{"value": "no address"}]},
            kind="friend",
        )
    assert [error["pointer"] for error in nonsense.value.errors] == ["/person/emails/0/value"]
    assert len(ask(relations.list_relations, contact_id=ada["id"])["items"]) == 1


@pytest.mark.requirement("C28")
def test_relations_are_listed_in_pages_from_both_sides(ask, ada):
    made = []
    for n in range(4):
        other = a_lead(ask)
        one, two = (ada, other) if n % 2 else (other, ada)
        made.append(ask(relations.add_relation, contact_id=one["id"], related_id=two["id"], kind="friend")["id"])
    first = ask(relations.list_relations, contact_id=ada["id"], limit=3, sort="oldest")
    rest = ask(relations.list_relations, contact_id=ada["id"], limit=3, sort="oldest", cursor=first["next"])
    assert [relation["id"] for relation in first["items"] + rest["items"]] == made
    assert rest["next"] is None
    assert ask(relations.list_relations, contact_id=ada["id"], kind="family")["items"] == []
