"""The sales flow: saved step by step, looked at as a whole, submitted once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.billing import orders, packages, payments
from contracts.contacts import people, team, timeline
from contracts.documents import forms
from contracts.errors import Blocked, Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from contracts.pipeline import leads, sales
from services.acquaintance import known_contacts
from tests.builders.people import a_lead, a_person
from tests.builders.selling import a_form_id, a_package, begun, ready, save_answers, sign, terms_for
from tests.builders.waiting import eventually

Ask = Callable[..., Any]
WAITS = sa.text("SELECT 1 FROM pg_stat_activity WHERE :holder = ANY (pg_blocking_pids(pid))")


def read(ask: Ask, flow: dict[str, Any]) -> dict[str, Any]:
    return ask(sales.get_sales_flow, sales_flow_id=flow["id"])


def submitted(ask: Ask, flow: dict[str, Any]) -> dict[str, Any]:
    """The flow once its order stands."""
    return eventually(lambda: (found := read(ask, flow))["state"] == "submitted" and found)


def pointers(flow_or_refusal: Any) -> list[str]:
    lacks = flow_or_refusal.errors if isinstance(flow_or_refusal, Problem) else flow_or_refusal["lacks"]
    return [lack["pointer"] for lack in lacks]


def orders_of(ask: Ask, flow: dict[str, Any]) -> list[dict[str, Any]]:
    return ask(orders.list_orders, contact_id=flow["contact_id"])["items"]


@pytest.mark.requirement("P06", "P07")
def test_a_lead_goes_from_the_first_step_to_the_order_and_is_won_by_paying_it(ask: Ask) -> None:
    flow = begun(ask)
    flow_id, contact_id = flow["id"], flow["contact_id"]
    assert (flow["next_step"], pointers(flow)) == ("lead_data", [f"/steps/{name}" for name in sales.STEPS])
    flow = ask(sales.save_lead_data, sales_flow_id=flow_id, last_name="Nováková", birthday="1990-02-28")
    contact = ask(people.get_contact, contact_id=contact_id)
    assert (contact["last_name"], contact["birthday"]) == ("Nováková", "1990-02-28")
    for kind in ("questionnaire", "goal_plan"):
        assert flow["next_step"] == kind
        flow = save_answers(ask, flow_id, kind)
        filled = ask(forms.get_filled_form, filled_form_id=flow["steps"][kind]["filled_form_id"])
        assert filled["changed_by"] == flow["steps"][kind]["saved_by"]
    gold = a_package(ask)
    flow = ask(sales.save_package, sales_flow_id=flow_id, package_id=gold["id"])
    assert (flow["steps"]["package"]["price"]["amount"], flow["next_step"]) == (4900, "summary")
    flow = ask(sales.confirm_summary, sales_flow_id=flow_id, confirmed=True)
    terms = terms_for(ask, contact_id)
    flow = ask(sales.save_terms, sales_flow_id=flow_id, agreement_id=terms["id"])
    assert pointers(flow) == ["/steps/terms"]
    sign(ask, terms)
    eventually(lambda: read(ask, flow)["lacks"] == [])
    ask(sales.submit_sales_flow, sales_flow_id=flow_id)
    flow = submitted(ask, flow)
    (order,) = orders_of(ask, flow)
    assert (flow["order_id"], flow["order_number"]) == (order["id"], order["number"])
    assert (order["items"][0]["package_id"], order["state"]) == (gold["id"], "open")
    assert flow["submitted_by"]
    assert order["placed_by"] == flow["submitted_by"]
    ask(payments.take_payment, order_id=order["id"], method="cash")
    eventually(lambda: ask(leads.get_lead, contact_id=contact_id)["stage"] == "Won")


@pytest.mark.requirement("P06", "C31")
def test_each_step_and_the_submission_stand_on_the_timeline(ask: Ask) -> None:
    flow = ready(ask)
    ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    expected = ["sales_flow.submitted", *["sales_flow.step_saved"] * 6, "sales_flow.begun"]

    def told() -> list[str]:
        page = ask(timeline.get_timeline, contact_id=flow["contact_id"], limit=50)["items"]
        return [entry["type"] for entry in page if entry["type"].startswith("sales_flow")]

    eventually(lambda: told() == expected)


@pytest.mark.requirement("P06", "C15", "C17")
def test_a_new_lead_is_entered_by_the_first_step_in_the_name_of_who_sells(ask: Ask) -> None:
    me = ask(team.get_me)
    new = a_person(assigned_to=me["id"], birthday="1990-02-28")
    flow = ask(sales.begin_sales_flow, lead_data=new, key=(key := new_id()))
    assert (flow["next_step"], flow["version"]) == ("questionnaire", 2)
    lead = ask(people.get_contact, contact_id=flow["contact_id"])
    assert (lead["acquisition"], lead["created_by"], lead["entered_as"]) == ("manual", me["id"], "lead")
    assert ask(leads.get_lead, contact_id=lead["id"])["stage"] == "New"
    assert ask(sales.begin_sales_flow, lead_data=new, key=key) == flow
    with pytest.raises(Conflict) as refusal:
        ask(sales.begin_sales_flow, lead_data=new)
    assert pointers(refusal.value) == ["/lead_data/emails/0/value"]
    assert refusal.value.extra["existing_id"] == lead["id"]
    changed = ask(sales.save_lead_data, sales_flow_id=flow["id"], last_name="Malá")
    eventually(lambda: _who_changed(ask, lead["id"]) == me["name"])
    assert changed["steps"]["lead_data"]["saved_by"] == me["name"]


def _who_changed(ask: Ask, contact_id: str) -> str | None:
    page = ask(timeline.get_timeline, contact_id=contact_id, type="contact.changed")["items"]
    return page[0]["actor"]["name"] if page else None


@pytest.mark.requirement("P06")
def test_a_customer_buys_through_a_flow_as_well_and_the_refusal_of_an_order_is_of_its_step(ask: Ask) -> None:
    ana, gold = a_lead(ask)["id"], a_package(ask, cycle={"unit": "month", "count": 1})
    order = ask(orders.place_order, contact_id=ana, items=[{"package_id": gold["id"]}])
    ask(payments.take_payment, order_id=order["id"], method="cash")
    eventually(lambda: ask(leads.get_lead, contact_id=ana)["stage"] == "Won")
    gold = ask(packages.change_package, package_id=gold["id"], cycle={"unit": "year", "count": 1})
    flow = ready(ask, gold["id"], contact_id=ana)
    ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    refused = eventually(lambda: (found := read(ask, flow))["refusal"] and found)
    assert (refused["state"], pointers(refused)) == ("open", ["/steps/package/package_id"])
    assert "other terms" in refused["lacks"][0]["detail"]
    with pytest.raises(Blocked) as refusal:
        ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    assert refusal.value.errors == refused["lacks"]
    ask(sales.save_package, sales_flow_id=flow["id"], package_id=a_package(ask, name="Silver")["id"])
    ask(sales.confirm_summary, sales_flow_id=flow["id"], confirmed=True)
    ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    assert submitted(ask, flow)["order_id"] in [each["id"] for each in orders_of(ask, flow)]


@pytest.mark.requirement("P06")
def test_submitted_without_a_package_the_lead_stays_a_lead(ask: Ask) -> None:
    flow = ready(ask)
    done = ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    assert (done["state"], done["order_id"], orders_of(ask, flow)) == ("submitted", None, [])
    assert ask(sales.submit_sales_flow, sales_flow_id=flow["id"]) == done
    assert ask(leads.get_lead, contact_id=flow["contact_id"])["stage_kind"] == "open"
    with pytest.raises(Conflict):
        ask(sales.save_package, sales_flow_id=flow["id"], skipped=True)
    assert ask(sales.begin_sales_flow, contact_id=flow["contact_id"])["id"] != flow["id"]


@pytest.mark.requirement("P06")
def test_submitted_many_times_at_once_it_is_ordered_once(ask: Ask) -> None:
    flow = ready(ask, a_package(ask)["id"])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(sales.submit_sales_flow, sales_flow_id=flow["id"]), range(8)))
    assert {answer["state"] for answer in answers} <= {"ordering", "submitted"}
    done = submitted(ask, flow)
    assert [order["id"] for order in orders_of(ask, flow)] == [done["order_id"]]


@pytest.mark.requirement("P06")
def test_a_refusal_names_everything_that_every_step_lacks(ask: Ask) -> None:
    flow = begun(ask)
    flow_id = flow["id"]
    with pytest.raises(Blocked) as refusal:
        ask(sales.submit_sales_flow, sales_flow_id=flow_id)
    assert pointers(refusal.value) == [f"/steps/{name}" for name in sales.STEPS]
    ask(sales.save_lead_data, sales_flow_id=flow_id, emails=[])
    save_answers(ask, flow_id, "questionnaire", {"health": True})
    ask(sales.save_package, sales_flow_id=flow_id, skipped=True)
    with pytest.raises(Blocked) as refusal:
        ask(sales.confirm_summary, sales_flow_id=flow_id, confirmed=True)
    before = ["/steps/lead_data/emails", "/steps/questionnaire/answers/experience", "/steps/goal_plan"]
    assert pointers(refusal.value) == before
    ask(sales.save_terms, sales_flow_id=flow_id, agreement_id=terms_for(ask, flow["contact_id"])["id"])
    with pytest.raises(Blocked) as refusal:
        ask(sales.submit_sales_flow, sales_flow_id=flow_id)
    assert pointers(refusal.value) == [*before, "/steps/summary", "/steps/terms"]
    assert read(ask, flow)["next_step"] == "lead_data"


@pytest.mark.requirement("P06")
def test_what_changes_after_the_summary_was_confirmed_has_to_be_confirmed_anew(ask: Ask) -> None:
    flow = ready(ask)
    again = save_answers(ask, flow["id"], "goal_plan")
    assert (again["version"], again["lacks"]) == (flow["version"], [])
    changed = save_answers(ask, flow["id"], "goal_plan", {"goal": "To swim"})
    assert (changed["next_step"], changed["steps"]["summary"]) == ("summary", None)
    ask(sales.confirm_summary, sales_flow_id=flow["id"], confirmed=True)
    filled = changed["steps"]["goal_plan"]["filled_form_id"]
    ask(forms.change_filled_form, filled_form_id=filled, answers={"goal": "To ski"})
    with pytest.raises(Blocked) as refusal:
        ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    assert pointers(refusal.value) == ["/steps/summary"]


@pytest.mark.requirement("P06")
@pytest.mark.parametrize("change", [{"price": {"amount": 5900, "currency": "EUR"}}, {"on_sale": False}])
def test_nobody_buys_what_they_were_not_shown(ask: Ask, change: dict[str, Any]) -> None:
    gold = a_package(ask)
    flow = ready(ask, gold["id"])
    ask(packages.change_package, package_id=gold["id"], **change)
    with pytest.raises(Blocked) as refusal:
        ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    assert pointers(refusal.value) == ["/steps/package/package_id"]
    assert orders_of(ask, flow) == []


@pytest.mark.requirement("P06")
def test_nobody_buys_what_was_changed_between_their_word_and_the_order(
    ask: Ask, database: Callable[[str], Any]
) -> None:
    gold = a_package(ask)
    flow = ready(ask, gold["id"])
    with ThreadPoolExecutor(1) as pool, database("pipeline").begin() as holding:  # behind the look at the package
        holding.execute(sa.text("SELECT 1 FROM sales_flows WHERE id = :id FOR UPDATE"), flow)
        holder = {"holder": holding.scalar(sa.text("SELECT pg_backend_pid()"))}
        word = pool.submit(ask, sales.submit_sales_flow, sales_flow_id=flow["id"])
        eventually(lambda: holding.scalar(WAITS, holder))
        ask(packages.change_package, package_id=gold["id"], price={"amount": 5900, "currency": "EUR"})
        holding.rollback()
        assert word.result()["state"] == "ordering"
    refused = eventually(lambda: (found := read(ask, flow))["refusal"] and found)
    assert (refused["state"], pointers(refused)) == ("open", ["/steps/package/package_id"])
    assert (refused["lacks"][0]["detail"], orders_of(ask, flow)) == ("“Gold” was changed since it was shown.", [])


@pytest.mark.requirement("P06")
def test_a_flow_whose_order_is_refused_is_open_again_and_says_why(ask: Ask, database: Callable[[str], Any]) -> None:
    flow = ready(ask, a_package(ask)["id"])
    archived = known_contacts.update().where(known_contacts.c.contact_id == flow["contact_id"])
    ask(orders.place_order, contact_id=flow["contact_id"], items=[{"package_id": a_package(ask, "trial")["id"]}])
    with database("billing").begin() as billing:  # which hears of an archiving before the pipeline does
        billing.execute(archived.values(standing="archived"))
    ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    refused = eventually(lambda: (found := read(ask, flow))["refusal"] and found)
    assert (refused["state"], refused["refusal"]) == ("open", "An archived contact buys nothing.")
    with database("billing").begin() as billing:
        billing.execute(archived.values(standing="active"))
    ask(sales.submit_sales_flow, sales_flow_id=flow["id"])
    assert submitted(ask, flow)["order_id"] in [order["id"] for order in orders_of(ask, flow)]


@pytest.mark.requirement("P06")
def test_a_contact_has_one_flow_under_way_whoever_begins(ask: Ask) -> None:
    contact_id = a_lead(ask)["id"]

    def begin(_: int) -> str:
        try:
            return ask(sales.begin_sales_flow, contact_id=contact_id)["id"]
        except Conflict as refusal:
            return refusal.extra["sales_flow_id"]

    with ThreadPoolExecutor(4) as pool:
        (flow_id,) = set(pool.map(begin, range(4)))
    for _ in range(2):
        gone = ask(sales.abandon_sales_flow, sales_flow_id=flow_id, reason="They moved away")
        assert (gone["state"], gone["reason"]) == ("abandoned", "They moved away")
    assert ask(sales.begin_sales_flow, contact_id=contact_id)["id"] != flow_id
    listed = ask(sales.list_sales_flows, contact_id=contact_id, state="abandoned")["items"]
    assert [flow["id"] for flow in listed] == [flow_id]


@pytest.mark.requirement("P06", "G06")
def test_a_step_saved_over_what_somebody_else_saved_is_refused(ask: Ask) -> None:
    flow = begun(ask)
    ask(sales.save_package, sales_flow_id=flow["id"], skipped=True, expected_version=flow["version"])
    for rpc, told in ((sales.save_package, {"skipped": True}), (sales.abandon_sales_flow, {})):
        with pytest.raises(Stale):
            ask(rpc, sales_flow_id=flow["id"], expected_version=flow["version"], **told)


@pytest.mark.requirement("P06", "G06")
def test_what_is_wrong_in_a_step_is_refused_at_its_place(ask: Ask) -> None:
    flow, other = begun(ask), a_lead(ask)["id"]
    goal_plan, of_another = a_form_id(ask, "goal_plan"), terms_for(ask, other)
    for rpc, told, pointer in (
        (sales.save_lead_data, {"emails": [{"value": "no address"}]}, "/emails/0/value"),
        (sales.save_lead_data, {"assigned_to": None}, "/assigned_to"),
        (sales.save_questionnaire, {"form_id": new_id(), "answers": {}}, "/form_id"),
        (sales.save_questionnaire, {"form_id": goal_plan, "answers": {}}, "/form_id"),
        (
            sales.save_goal_plan,
            {"form_id": goal_plan, "answers": {"until": "soon"}},
            "/answers/until",
        ),
        (sales.save_package, {"package_id": new_id()}, "/package_id"),
        (sales.save_package, {}, "/package_id"),
        (sales.save_package, {"package_id": new_id(), "skipped": True}, "/package_id"),
        (sales.save_package, {"package_id": a_package(ask)["id"], "quantity": 0}, "/quantity"),
        (sales.save_terms, {"agreement_id": new_id()}, "/agreement_id"),
        (sales.save_terms, {"agreement_id": of_another["id"]}, "/agreement_id"),
        (sales.confirm_summary, {"confirmed": False}, "/confirmed"),
    ):
        with pytest.raises(Invalid) as refusal:
            ask(rpc, sales_flow_id=flow["id"], **told)
        assert pointers(refusal.value) == [pointer], told
    new = a_person(assigned_to=ask(team.get_me)["id"])
    for told, pointer in (
        ({"contact_id": new_id()}, "/contact_id"),
        ({}, "/contact_id"),
        ({"contact_id": other, "lead_data": new}, "/contact_id"),
        ({"lead_data": a_person()}, "/lead_data/assigned_to"),
        ({"lead_data": new | {"emails": [{"value": "no address"}]}}, "/lead_data/emails/0/value"),
        ({"lead_data": new | {"enter_as": "customer"}}, "/lead_data/enter_as"),
        ({"lead_data": new | {"asked_by": {}}}, "/lead_data/asked_by"),
    ):
        with pytest.raises(Invalid) as refusal:
            ask(sales.begin_sales_flow, **told)
        assert pointers(refusal.value) == [pointer], told
    for rpc, told in ((sales.get_sales_flow, {}), (sales.save_lead_data, {}), (sales.submit_sales_flow, {}),
                      (sales.confirm_summary, {"confirmed": True}), (sales.abandon_sales_flow, {})):  # fmt: skip
        with pytest.raises(NotFound):
            ask(rpc, sales_flow_id=new_id(), **told)
    with pytest.raises(Forbidden):
        ask(sales.save_package, actor="dispatcher", sales_flow_id=flow["id"], skipped=True)
