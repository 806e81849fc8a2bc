"""Stage rules: once for each time that a lead enters the stage, and not after archiving or a sale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.errors import Forbidden, Invalid, NotFound, Problem, Stale
from contracts.pipeline import follow_ups, leads, rules, stages as stages_contract
from tests.house.hearing import Subscriber
from tests.house.living import LivingHouse
from tests.service.pipeline.conftest import Contacts, Message, became, changed

Enter = Callable[..., str]
RING = {"create_follow_up": {"title": "Ring", "due_in_hours": 2}}


@pytest.fixture
def a_stage(pipeline: LivingHouse) -> Iterator[str]:
    """A stage of its own, so that the rules of one test are not those of another; it takes its rules along."""
    made = pipeline.ask(stages_contract.add_stage, name=f"Stage {new_id()}")["id"]
    yield made
    with pipeline.database("pipeline").begin() as connection:
        connection.exec_driver_sql("UPDATE leads SET stage_id = NULL WHERE stage_id = %s", (made,))
    pipeline.ask(stages_contract.remove_stage, stage_id=made)


@pytest.fixture
def a_rule(pipeline: LivingHouse, a_stage: str) -> Callable[..., dict[str, Any]]:
    def build(**told: Any) -> dict[str, Any]:
        request = {"name": "Ring them", "stage_id": a_stage, "when": "entered", "do": RING} | told
        return pipeline.ask(rules.add_stage_rule, **request)

    return build


def runs(pipeline: LivingHouse, rule: dict[str, Any]) -> list[dict[str, Any]]:
    return pipeline.ask(rules.list_rule_runs, rule_id=rule["id"])["items"]


@pytest.mark.requirement("P05")
def test_entering_a_stage_makes_a_follow_up_and_notifies_once_however_often_that_is_told(
    pipeline: LivingHouse,
    contacts: Contacts,
    listener: Subscriber,
    a_lead: Enter,
    a_colleague: Enter,
    a_stage: str,
    a_rule: Callable[..., dict[str, Any]],
    applied: Callable[..., None],
    stages: dict[str, str],
) -> None:
    anna = a_colleague()
    ana, rule, notifying = a_lead(assigned_to=anna), a_rule(), a_rule(do={"notify": {"message": "Look"}})
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=a_stage)
    made = listener.wait_for("follow_up.created", subject=ana).data
    assert (made["title"], made["assigned_to"], made["rule_id"]) == ("Ring", anna, rule["id"])
    assert listener.wait_for("lead.flagged", subject=ana).data["team_member_id"] == anna
    again = listener.of("lead.moved", subject=ana)[0].data
    repeated = [(leads.lead_moved, ana, again, new_id()) for _ in range(3)]
    contacts.tell(*repeated)
    applied(*repeated, by="run_rules_on_entering")
    (run,) = runs(pipeline, rule)
    assert (run["contact_id"], run["result"], run["follow_up_id"]) == (ana, "done", made["follow_up_id"])
    assert len(pipeline.ask(follow_ups.list_follow_ups_of_lead, contact_id=ana)["items"]) == 1
    assert [run["result"] for run in runs(pipeline, notifying)] == ["done"]
    assert len(listener.of("lead.flagged", subject=ana)) == 1

    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["New"])
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=a_stage)
    listener.wait_for("follow_up.created", subject=ana, count=2)
    assert len(runs(pipeline, rule)) == 2, "entered anew, it runs anew"


@pytest.mark.requirement("P05")
def test_standing_still_too_long_is_noticed_once_and_not_of_who_did_so_before_the_rule_or_is_archived(
    pipeline: LivingHouse,
    contacts: Contacts,
    listener: Subscriber,
    a_lead: Enter,
    a_colleague: Enter,
    a_stage: str,
    a_rule: Callable[..., dict[str, Any]],
    applied: Callable[..., None],
) -> None:
    anna = a_colleague()
    still, longer, archived, moving = (a_lead(assigned_to=anna) for _ in range(4))
    for who in (still, longer, archived, moving):
        pipeline.ask(leads.move_lead, contact_id=who, stage_id=a_stage)
    gone = changed(archived, 2, standing="archived")
    contacts.tell(gone)
    applied(gone)
    rule = a_rule(when="stood_still", after_hours=24, do={"notify": {"message": "Have a look"}})
    with pipeline.database("pipeline").begin() as connection:
        for who, hours in ((still, 24), (longer, 25), (archived, 24)):
            connection.exec_driver_sql(
                "UPDATE leads SET entered_stage_at = now() - make_interval(hours => %s) WHERE contact_id = %s",
                (hours, who),
            )
    flagged = listener.wait_for("lead.flagged", subject=still).data
    assert (flagged["team_member_id"], flagged["message"]) == (anna, "Have a look")
    with pipeline.database("pipeline").begin() as connection:
        connection.exec_driver_sql("DELETE FROM timers")  # everything that is due is looked at once more
    with_more = a_rule(when="stood_still", after_hours=24, name="Later")
    assert [run["contact_id"] for run in runs(pipeline, rule)] == [still]
    assert runs(pipeline, with_more) == []
    contacts.tell(changed(archived, 3, standing="active"))
    listener.wait_for("lead.flagged", subject=archived)


@pytest.mark.requirement("P05", "P07")
@pytest.mark.parametrize(
    ("leaving", "because"),
    [
        (lambda ana: changed(ana, 2, standing="archived"), "The contact was archived."),
        (lambda ana: became(ana, "customer", 2), "The lead was won."),
    ],
)
def test_nothing_is_done_for_who_was_archived_or_won_and_the_log_says_so(
    leaving: Callable[[str], Message],
    because: str,
    pipeline: LivingHouse,
    contacts: Contacts,
    a_lead: Enter,
    a_stage: str,
    a_rule: Callable[..., dict[str, Any]],
    applied: Callable[..., None],
) -> None:
    ana, rule = a_lead(), a_rule()
    nobodys = a_rule(do={"notify": {"message": "Look"}})
    gone = leaving(ana)
    contacts.tell(gone)
    applied(gone)
    told = {"from_stage": "New", "to_stage": "x", "from_stage_id": new_id(), "stage_id": a_stage}
    late = (leads.lead_moved, ana, told | {"reason": None, "by": None, "version": 9}, new_id())
    contacts.tell(late)
    applied(late, by="run_rules_on_entering")
    (run,) = runs(pipeline, rule)
    assert (run["result"], run["because"], run["follow_up_id"]) == ("skipped", because, None)
    assert runs(pipeline, nobodys)[0]["result"] == "skipped"
    assert pipeline.ask(follow_ups.list_follow_ups, contact_id=ana)["items"] == []


@pytest.mark.requirement("P05")
def test_a_rule_can_be_changed_paused_and_removed_and_goes_by_what_happens_since(
    pipeline: LivingHouse,
    listener: Subscriber,
    a_lead: Enter,
    a_stage: str,
    a_rule: Callable[..., dict[str, Any]],
    stages: dict[str, str],
) -> None:
    rule, other = a_rule(paused=True), a_rule(name="Other", do={"create_follow_up": {"title": "Other"}})
    ana = a_lead()
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=a_stage)
    listener.wait_for("follow_up.created", subject=ana)
    resumed = pipeline.ask(rules.change_stage_rule, rule_id=rule["id"], paused=False, expected_version=1)
    assert (resumed["version"], resumed["paused"]) == (2, False)
    assert resumed["active_since"] > rule["active_since"]
    with pytest.raises(Stale):
        pipeline.ask(rules.change_stage_rule, rule_id=rule["id"], name="Late", expected_version=1)
    do = {"create_follow_up": {"title": "Write", "channel": "email"}}
    pipeline.ask(rules.change_stage_rule, rule_id=rule["id"], do=do)
    pipeline.ask(rules.remove_stage_rule, rule_id=other["id"])
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=stages["New"])
    pipeline.ask(leads.move_lead, contact_id=ana, stage_id=a_stage)
    listener.wait_for("follow_up.created", subject=ana, count=2)
    titles = [event.data["title"] for event in listener.of("follow_up.created", subject=ana)]
    assert titles == ["Other", "Write"]
    assert [run["rule_version"] for run in runs(pipeline, rule)] == [3]
    with pytest.raises(NotFound):
        runs(pipeline, other)


@pytest.mark.requirement("P05")
def test_an_odd_rule_is_refused_by_its_field(
    pipeline: LivingHouse,
    stages: dict[str, str],
    a_stage: str,
    a_rule: Callable[..., dict[str, Any]],
    a_colleague: Enter,
) -> None:
    gone, rule = a_colleague(active=False), a_rule()
    still = {"when": "stood_still", "after_hours": 1}
    for told, pointer in [
        ({"stage_id": new_id()}, "/stage_id"),
        ({"stage_id": stages["Won"]}, "/stage_id"),
        ({"when": "stood_still"}, "/after_hours"),
        ({"after_hours": 3}, "/after_hours"),
        (still | {"after_hours": 0}, "/after_hours"),
        (still | {"after_hours": 10**30}, "/after_hours"),
        ({"do": {}}, "/do"),
        ({"do": RING | {"notify": {"message": "x"}}}, "/do"),
        ({"do": {"create_follow_up": {"title": ""}}}, "/do/create_follow_up/title"),
        ({"do": {"assign": {"assigned_to": gone}}}, "/do/assign/assigned_to"),
        ({"do": {"notify": {"message": "x", "team_member_id": gone}}}, "/do/notify/team_member_id"),
        ({"name": "\0"}, "/name"),
    ]:
        with pytest.raises(Invalid) as refused:
            a_rule(**told)
        assert refused.value.errors[0]["pointer"].startswith(pointer), (told, refused.value.errors)
    for rpc, kind, request in [
        (rules.change_stage_rule, Invalid, {"rule_id": rule["id"], "after_hours": 4}),
        (rules.change_stage_rule, NotFound, {"rule_id": new_id(), "name": "x"}),
        (rules.get_stage_rule, NotFound, {"rule_id": new_id()}),
        (rules.remove_stage_rule, Forbidden, {"rule_id": rule["id"], "actor": "sales"}),
    ]:
        with pytest.raises(Problem) as refusal:
            pipeline.ask(rpc, **request)
        assert isinstance(refusal.value, kind), request
    listed = pipeline.ask(rules.list_stage_rules, stage_id=a_stage, when="entered", paused=False)["items"]
    assert [item["id"] for item in listed] == [rule["id"]]
