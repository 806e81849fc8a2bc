"""Every list of pipeline, billing, documents and notifications that may be long is read in the order of an index.

Of contacts, `contacts/test_lists.py` sees to that.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from marshmallow import fields, validate

from chassis.ids import new_id
from contracts.language import Rpc, Sort, Text
from services.billing.service import Billing
from services.documents.service import Documents
from services.notifications.service import Notifications
from services.pipeline.service import Pipeline
from tests.builders.explaining import Explain, explaining, lists_of, orders_of
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers

SERVICES = {one.name: one for one in (Billing, Documents, Notifications, Pipeline)}
SHORT = {
    "list_assignment_rules", "list_forms", "list_message_templates", "list_packages", "list_stage_rules", "list_stages",
    "list_tax_rates", "list_templates", "list_template_versions", "list_form_versions", "list_filled_form_versions",
    "list_subscription_changes", "list_subscription_members", "list_payment_plan_changes",
}  # fmt: skip
"""What is made by hand in the settings, and the versions of one thing: some dozens, which are read whole and sorted."""
ROWS = {
    "contact_id": "INSERT INTO known_contacts (contact_id, display_name, standing, version, complete)"
    " VALUES (:id, 'Ada', 'active', 1, true)",
    "list_leads": "INSERT INTO stages (id, name, kind, rank, version) VALUES (:id, 'Of a test', 'open', 1, 1)",
    "find_leads": "INSERT INTO leads (contact_id, stage_id, rank, status, standing, location, as_of, touched_at,"
    " version) VALUES (:id, :id, 1, 'new', 'active', 'a word', '{}', now(), 1)",
    "list_choices": "INSERT INTO assignment_rules (id, name, strategy, team_member_ids, paused, rank, turn, created_at,"
    " version) VALUES (:id, 'All', 'round_robin', '{}', false, 1, 0, now(), 1)",
    "list_rule_runs": 'INSERT INTO stage_rules (id, name, stage_id, "when", "do", paused, active_since, created_at,'
    " version) VALUES (:id, 'Call', :id, 'entered', '{}', false, now(), now(), 1)",
}
"""Whose list it is: a contact, or else the owner of that list; and a lead at “a word”, or contacts is asked of it."""


def _choices(field: Any) -> list[str]:
    """What a field may say, where these are a few words; an order is none of them."""
    known = [] if isinstance(field, Sort) else [one for one in field.validators if isinstance(one, validate.OneOf)]
    return [choice for one in known for choice in one.choices]


LONG = [rpc for rpc in lists_of(*SERVICES) if rpc.name not in SHORT]
ORDERS = [(rpc, order) for rpc in LONG for order in orders_of(rpc) or [None]]
NARROWED = [
    (rpc, name)
    for rpc in LONG
    if "contact_id" not in {name for name, field in rpc.takes().fields.items() if field.required}  # one contact's: few
    for name, field in rpc.takes().fields.items()
    if not field.required and (isinstance(field, (fields.UUID, Text)) or _choices(field))
]
LOOKED_UP_OTHERWISE = {
    ("list_invoices", "cause_id"),  # there is one
    ("find_leads", "segment_id"), ("list_leads", "segment_id"),  # joined: tests/service/pipeline/test_board.py
    ("find_leads", "source"), ("find_leads", "location"),  # of few they are sorted, of many it is the order of all
    ("find_leads", "kind"),  # the stages' own: some dozens, looked up by the lead's
    ("list_filled_forms", "kind"),  # of one contact or one form
    ("list_choices", "team_member_id"), ("list_rule_runs", "contact_id"),  # of one rule
}  # fmt: skip
ONE_OF = {"list_filled_forms": "contact_id"}
"""Lists of one of several, of whichever: the other one narrows them as well."""
IN_ONE_ORDER = {"list_leads", "list_choices", "list_rule_runs"}
"""As the board has them, and what rules did, the last first."""


SORTED = re.compile(r"\bSort  \(cost")
"""A node that sorts; what several indexes bring in order is merged, which is none."""


@pytest.fixture(scope="module")
def explain_of(servers: Servers) -> Iterator[Callable[[str], tuple[Explain, str]]]:
    """By service, how its lists are read on a database of its own, and the id of whomever they are of."""
    with ExitStack() as closing:

        @cache
        def of(service: str) -> tuple[Explain, str]:
            clockwork, id = closing.enter_context(a_clockwork(servers, service, now=dt.datetime.now(dt.UTC))), new_id()
            with clockwork.runtime.engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # nothing is pointed at
                for name, insert in ROWS.items():
                    if name == "contact_id" or hasattr(SERVICES[service], name):
                        connection.execute(sa.text(insert), {"id": id})
            return closing.enter_context(explaining(clockwork, SERVICES[service])), id

        yield of


def asked_of(rpc: Rpc, id: str) -> dict[str, Any]:
    return {name: id for name, field in rpc.takes().fields.items() if field.required} | {"limit": 1}


@pytest.mark.parametrize(("rpc", "order"), ORDERS, ids=[f"{rpc} {order}" for rpc, order in ORDERS])
@pytest.mark.requirement("G06")
def test_a_list_that_may_be_long_is_read_in_the_order_of_an_index(explain_of, rpc, order):
    explain, id = explain_of(rpc.service)
    whose = {ONE_OF[rpc.name]: id} if rpc.name in ONE_OF else {}
    plans = explain(rpc, asked_of(rpc, id) | whose | ({"sort": order} if order else {}))
    assert plans
    for plan in plans:
        assert not SORTED.search(plan), plan


@pytest.mark.parametrize("rpc", [rpc for rpc in LONG if rpc.name not in IN_ONE_ORDER], ids=str)
def test_a_list_that_may_be_long_can_be_turned_round(rpc):
    assert len(orders_of(rpc)) > 1


@pytest.mark.parametrize(("rpc", "name"), NARROWED, ids=[f"{rpc} {name}" for rpc, name in NARROWED])
@pytest.mark.requirement("G06")
def test_a_long_list_that_is_narrowed_passes_nobody_else(explain_of, rpc, name):
    if (rpc.name, name) in LOOKED_UP_OTHERWISE:
        return
    explain, id = explain_of(rpc.service)
    for value in values_for(rpc.takes().fields[name], id):
        for plan in explain(rpc, asked_of(rpc, id) | {name: value}):
            assert not re.search(rf"Filter: .*\b{name}\b", plan), plan
            assert not SORTED.search(plan), plan


def values_for(field: Any, id: str) -> list[str]:
    return [id] if isinstance(field, fields.UUID) else _choices(field) or ["a word"]
