"""With contacts beside it: who was just created is known at once, and whose a lead is has one truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.actor import NOBODY, Actor
from chassis.ids import new_id
from contracts.access import API
from contracts.contacts import locations, people, segments, signups, team
from contracts.errors import Forbidden, Invalid, NotFound, Stale
from contracts.pipeline import assignment, board, leads, reports, rules, stages
from local.processes import wait_for
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse

BESIDE = "pipeline"
"""The service that stands beside contacts in the house `two`."""


@pytest.fixture
def listener(two: LivingHouse) -> Iterator[Subscriber]:
    listening = two.subscriber("pipeline.events")
    yield listening
    listening.close()


@pytest.fixture
def trial(two: LivingHouse) -> str:
    return next(stage["id"] for stage in two.ask(stages.list_stages)["items"] if stage["name"] == "Trial")


@pytest.mark.requirement("P01", "P02")
def test_a_lead_created_a_moment_ago_can_be_read_and_moved_and_enters_once(
    two: LivingHouse, listener: Subscriber, a_contact: Callable[..., str], trial: str
) -> None:
    two.process("pipeline-events-jobs").stop()
    only_read, moved = a_contact(source="walk-in"), a_contact()
    shown = two.ask(leads.get_lead, contact_id=only_read)
    assert (shown["stage"], shown["source"], shown["version"]) == ("New", "walk-in", 1)
    assert two.ask(leads.move_lead, contact_id=moved, stage_id=trial)["stage"] == "Trial"
    two.start_again("pipeline-events-jobs")
    listener.wait_for("lead.entered", subject=only_read)
    listener.wait_for("lead.moved", subject=moved)
    listener.wait_for("lead.entered", subject=a_contact())
    assert len(listener.of("lead.entered", subject=moved)) == 1
    assert two.ask(leads.get_lead, contact_id=moved)["stage"] == "Trial"
    entered = two.ask(leads.get_lead, contact_id=only_read)
    assert {**entered, "entered_at": "", "entered_stage_at": ""} == {**shown, "entered_at": "", "entered_stage_at": ""}


@pytest.mark.requirement("P02")
def test_a_move_that_races_the_event_of_the_creation_enters_the_lead_once(
    two: LivingHouse, listener: Subscriber, a_contact: Callable[..., str], trial: str
) -> None:
    def create_and_move(_: int) -> str:
        ana = a_contact()
        two.ask(leads.move_lead, contact_id=ana, stage_id=trial)
        return ana

    with ThreadPoolExecutor(6) as pool:
        everybody = list(pool.map(create_and_move, range(24)))
    for ana in everybody:
        listener.wait_for("lead.moved", subject=ana)
        entered, moved = (listener.of(f"lead.{what}", subject=ana) for what in ("entered", "moved"))
        assert len(entered) == 1
        assert entered[0].headers["ce-time"] < moved[0].headers["ce-time"], "a timeline shows them in this order"
        assert [move["to_stage"] for move in two.ask(leads.list_moves, contact_id=ana)["items"]] == ["Trial", "New"]


def test_an_unknown_contact_is_not_found_and_a_customer_is_no_lead(
    two: LivingHouse, a_contact: Callable[..., str], trial: str
) -> None:
    for contact_id in (new_id(), a_contact(enter_as="customer")):
        for rpc, request in [
            (leads.get_lead, {}),
            (leads.move_lead, {"stage_id": trial}),
            (leads.assign_lead, {"assigned_to": two.owner["id"]}),
            (leads.change_lead, {"value": None}),
        ]:
            with pytest.raises(NotFound):
                two.ask(rpc, contact_id=contact_id, **request)


def a_seller(two: LivingHouse) -> str:
    account = {"email": f"{new_id()}@rapport.example", "name": "Ben", "role": "sales"}
    return two.ask(team.add_team_member, **account, password="correct horse battery")["id"]


@pytest.mark.requirement("P02")
def test_assigning_a_lead_assigns_the_contact_and_the_other_way_round(
    two: LivingHouse, listener: Subscriber, a_contact: Callable[..., str]
) -> None:
    ben = a_seller(two)
    ana = a_contact()
    listener.wait_for("lead.entered", subject=ana)
    lead = two.ask(leads.assign_lead, contact_id=ana, assigned_to=ben)
    assert lead["assigned_to"] == ben
    assert two.ask(people.get_contact, contact_id=ana)["assigned_to"] == ben
    told = listener.wait_for("lead.assigned", subject=ana)
    assert told.data == {"assigned_to": ben, "before": two.owner["id"], "version": lead["version"]}

    two.ask(people.change_contact, contact_id=ana, assigned_to=two.owner["id"])
    listener.wait_for("lead.assigned", subject=ana, count=2)
    assert two.ask(leads.get_lead, contact_id=ana)["assigned_to"] == two.owner["id"]
    assert len(listener.of("lead.assigned", subject=ana)) == 2


def test_a_lead_is_not_given_to_a_stranger_nor_by_an_outdated_page(
    two: LivingHouse, a_contact: Callable[..., str]
) -> None:
    ana = a_contact()
    with pytest.raises(Invalid) as refused:
        two.ask(leads.assign_lead, contact_id=ana, assigned_to=new_id())
    assert refused.value.errors[0]["pointer"] == "/assigned_to"
    with pytest.raises(Stale):
        two.ask(leads.assign_lead, contact_id=ana, assigned_to=two.owner["id"], expected_version=7)


@pytest.mark.requirement("P03")
def test_a_renamed_contact_is_renamed_on_its_card(
    two: LivingHouse, listener: Subscriber, a_contact: Callable[..., str]
) -> None:
    ana = a_contact()
    listener.wait_for("lead.entered", subject=ana)
    two.ask(people.change_contact, contact_id=ana, first_name="Žofie", last_name="Malá")
    assert wait_for(lambda: two.ask(leads.get_lead, contact_id=ana)["display_name"] == "Žofie Malá", 30)


@pytest.mark.requirement("P03", "P04", "P09")
def test_a_location_is_meant_by_its_name_or_its_key(
    two: LivingHouse, listener: Subscriber, a_contact: Callable[..., str]
) -> None:
    hall, empty = (two.ask(locations.create_location, name=f"North {what} {new_id()}") for what in ("Hall", "Yard"))
    ana = a_contact(location=hall["name"])
    listener.wait_for("lead.entered", subject=ana)
    for there in (hall["name"], hall["name"].upper(), hall["key"]):
        assert [lead["contact_id"] for lead in two.ask(leads.find_leads, location=there)["items"]] == [ana]
    assert two.ask(leads.find_leads, location=empty["name"])["items"] == []
    [told] = two.ask(reports.report_conversion, by="location", location=hall["name"])["items"]
    assert (told["key"], told["label"], told["leads"]) == (hall["key"], hall["name"], 1)

    given = {"name": "North", "strategy": "round_robin", "team_member_ids": [two.owner["id"]], "paused": True}
    rule = two.ask(assignment.add_assignment_rule, location=hall["name"], **given)
    assert rule["location"] == hall["key"]
    change = {"rule_id": rule["id"], "location": empty["name"]}
    assert two.ask(assignment.change_assignment_rule, **change)["location"] == empty["key"]
    for rpc, request in (
        (assignment.add_assignment_rule, given),
        (assignment.change_assignment_rule, {"rule_id": rule["id"]}),
        (board.get_board, {}),
        (reports.forecast, {}),
    ):
        with pytest.raises(Invalid) as refused:
            two.ask(rpc, location="Atlantis", **request)
        assert [error["pointer"] for error in refused.value.errors] == ["/location"]
    two.ask(assignment.remove_assignment_rule, rule_id=rule["id"])


def assignees(two: LivingHouse, source: str, count: int) -> list[str]:
    """Who has the leads of a source, as soon as there are so many and all of them have somebody."""

    def found() -> list[str]:
        return [lead["assigned_to"] for lead in two.ask(leads.find_leads, source=source)["items"]]

    assert wait_for(lambda: len(found()) == count and all(found()), 15), found()
    return found()


def is_known_to_have_left(two: LivingHouse, team_member_id: str) -> bool:
    with two.database("pipeline").connect() as connection:
        asked = "SELECT active FROM known_team WHERE id = %s"
        return connection.exec_driver_sql(asked, (team_member_id,)).scalar() is False


@pytest.mark.requirement("P04")
def test_who_comes_with_nobody_is_given_to_the_team_by_turns_and_never_to_who_left(two: LivingHouse) -> None:
    ben, cleo, gone, fair = a_seller(two), a_seller(two), a_seller(two), f"Fair {new_id()}"
    given = {"name": "Fair", "source": fair, "team_member_ids": [gone, ben, cleo]}
    rule = two.ask(assignment.add_assignment_rule, strategy="round_robin", **given)
    two.ask(team.change_team_member, team_member_id=gone, active=False)
    assert wait_for(lambda: is_known_to_have_left(two, gone), 30)

    def sign_up(_: int) -> None:
        two.ask(signups.sign_up, actor=NOBODY, first_name="Gus", email=f"{new_id()}@example.com", source=fair)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sign_up, range(6)))
    assert sorted(assignees(two, fair, 6)) == sorted([ben, cleo] * 3)
    chosen = two.ask(assignment.list_choices, rule_id=rule["id"])["items"]
    assert len({choice["contact_id"] for choice in chosen}) == 6
    first = two.ask(people.get_contact, contact_id=chosen[-1]["contact_id"])
    assert first["assigned_to"] == chosen[-1]["team_member_id"], "contacts keeps whose a lead is"

    two.ask(leads.assign_lead, contact_id=first["id"], assigned_to=two.owner["id"])
    changed = two.ask(assignment.change_assignment_rule, rule_id=rule["id"], strategy="least_loaded")
    assert changed["version"] == 2
    sign_up(7)
    fewest = ben if first["assigned_to"] == ben else cleo
    assert assignees(two, fair, 7).count(fewest) == 3, "who had one taken away has the fewest"
    two.ask(assignment.remove_assignment_rule, rule_id=rule["id"])
    with pytest.raises(NotFound):
        two.ask(assignment.get_assignment_rule, rule_id=rule["id"])


@pytest.mark.requirement("P04")
def test_who_leaves_between_the_choice_and_the_hand_over_passes_the_lead_on(two: LivingHouse) -> None:
    gone, ben, fair = a_seller(two), a_seller(two), f"Fair {new_id()}"
    members = {"team_member_ids": [gone, ben], "source": fair}
    rule = two.ask(assignment.add_assignment_rule, name="Fair", strategy="round_robin", **members)
    two.ask(team.change_team_member, team_member_id=gone, active=False)
    assert wait_for(lambda: is_known_to_have_left(two, gone), 30)
    with two.database("pipeline").begin() as connection:  # as it is before pipeline has heard of it
        connection.exec_driver_sql("UPDATE known_team SET active = true WHERE id = %s", (gone,))
    two.ask(signups.sign_up, actor=NOBODY, first_name="Gus", email=f"{new_id()}@example.com", source=fair)
    assert assignees(two, fair, 1) == [ben]
    [choice] = two.ask(assignment.list_choices, rule_id=rule["id"])["items"]
    assert choice["team_member_id"] == ben
    two.ask(assignment.remove_assignment_rule, rule_id=rule["id"])


@pytest.mark.requirement("P04")
def test_an_assignment_rule_has_its_place_and_odd_ones_are_refused(two: LivingHouse) -> None:
    ben = a_seller(two)
    given = {"strategy": "round_robin", "team_member_ids": [ben], "source": new_id()}
    first, second = (two.ask(assignment.add_assignment_rule, name=name, **given)["id"] for name in ("1", "2"))

    def order() -> list[str]:
        return [rule["id"] for rule in two.ask(assignment.list_assignment_rules)["items"]]

    assert order() == [first, second]
    two.ask(assignment.change_assignment_rule, rule_id=second, after=None)
    assert order() == [second, first]
    for told, pointer in [
        ({"team_member_ids": []}, "/team_member_ids"),
        ({"team_member_ids": [ben, ben]}, "/team_member_ids"),
        ({"team_member_ids": [new_id()]}, "/team_member_ids"),
        ({"strategy": "dice"}, "/strategy"),
        ({"after": new_id()}, "/after"),
        ({"after": first}, "/after"),
    ]:
        with pytest.raises(Invalid) as refused:
            two.ask(assignment.change_assignment_rule, rule_id=first, **told)
        assert refused.value.errors[0]["pointer"].startswith(pointer), told
    for rule in (first, second):
        two.ask(assignment.remove_assignment_rule, rule_id=rule)


@pytest.mark.requirement("P05", "P04")
def test_a_stage_rule_hands_the_lead_over_where_contacts_keeps_whose_it_is(
    two: LivingHouse, listener: Subscriber, a_contact: Callable[..., str]
) -> None:
    ben, ana = a_seller(two), a_contact()
    stage = two.ask(stages.add_stage, name=f"Stage {new_id()}")["id"]
    do = {"assign": {"assigned_to": ben}}
    two.ask(rules.add_stage_rule, name="To Ben", stage_id=stage, when="entered", do=do)
    two.ask(leads.move_lead, contact_id=ana, stage_id=stage)
    assert listener.wait_for("lead.assigned", subject=ana).data["assigned_to"] == ben
    assert two.ask(people.get_contact, contact_id=ana)["assigned_to"] == ben


@pytest.mark.requirement("P03", "C24")
def test_the_board_is_filtered_by_a_filter_saved_or_not_and_by_one_of_before_the_pipeline_listened(
    two: LivingHouse, a_contact: Callable[..., str]
) -> None:
    source = f"fair {new_id()}"
    runner, _ = a_contact(source=source), a_contact()
    saved = {"rules": [{"field": "source", "operator": "=", "value": source}]}
    segment = two.ask(segments.create_segment, name=source, filter=saved)["id"]

    def shown() -> list[str]:
        columns = two.ask(board.get_board, segment_id=segment)["stages"]
        return [card["contact_id"] for stage in columns for card in stage["leads"]]

    assert wait_for(lambda: shown() == [runner], 15)
    unsaved = two.ask(board.get_board, filter=saved, assigned_to=two.owner["id"])["stages"]
    assert {stage["name"]: stage["count"] for stage in unsaved if stage["count"]} == {"New": 1}
    for rpc, told in ((leads.find_leads, {}), (leads.list_leads, {"stage_id": unsaved[0]["stage_id"]})):
        assert [item["contact_id"] for item in two.ask(rpc, filter=saved, **told)["items"]] == [runner]
        assert len(two.ask(rpc, filter={"rules": []}, **told)["items"]) > 1, "it leaves nobody out"
    with two.database("pipeline").begin() as pipeline:
        pipeline.exec_driver_sql("DELETE FROM segment_passages")
        job = "INSERT INTO jobs (id, kind, input, actor) VALUES (%s, 'learn_segments', '{}', %s)"
        pipeline.exec_driver_sql(job, (new_id(), '{"id": "service:pipeline", "name": "service", "role": "service"}'))
    assert wait_for(lambda: shown() == [runner], 15)
    with pytest.raises(Invalid) as refusal:
        two.ask(board.get_board, segment_id=new_id())
    assert refusal.value.errors[0]["pointer"] == "/segment_id"


@pytest.mark.requirement("P03", "G05")
def test_nobody_filters_the_board_by_what_makes_no_sense_or_they_may_not_see(two: LivingHouse) -> None:
    odd = {"rules": [{"field": "colour", "operator": "=", "value": "red"}]}
    with pytest.raises(Invalid) as refusal:
        two.ask(board.get_board, filter=odd)
    assert refusal.value.errors[0]["pointer"].startswith("/filter/rules/0")
    blind = Actor(new_id(), API, "Board on the wall", scopes=frozenset({"pipeline.read"}))
    assert two.ask(board.get_board, actor=blind)["stages"]
    fair = {"rules": [{"field": "source", "operator": "=", "value": "fair"}]}
    dues = {"rules": [{"field": "dues", "operator": ">", "value": 0}]}
    for actor, filter in ((blind, fair), ("dispatcher", dues)):
        with pytest.raises(Forbidden):
            two.ask(board.get_board, actor=actor, filter=filter)
