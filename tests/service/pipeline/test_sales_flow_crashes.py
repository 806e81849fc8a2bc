"""A sales flow is killed between what another service did for a step and its own commit; all of it is there once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from chassis.tables import jobs
from contracts.billing import orders
from contracts.contacts import timeline
from contracts.errors import Unavailable
from contracts.pipeline import sales
from services.pipeline.sales import submitting
from services.pipeline.sales.model import SalesFlow
from tests.builders.people import a_person
from tests.builders.selling import ANSWERS, SAVES, a_form_id, a_package, begun, ready
from tests.builders.waiting import eventually
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers
from tests.house.living import LivingHouse

SERVICES = ["contacts", "pipeline", "billing", "documents"]


@pytest.mark.requirement("P06")
def test_killed_in_every_step_the_flows_go_on_and_nothing_is_there_twice(a_house: Callable[..., LivingHouse]) -> None:
    """Takes its seconds: a house of its own, whose pipeline is killed once while all of its steps wait to commit."""
    roles = {**dict.fromkeys(SERVICES, ("all",)), "pipeline": ("rpc,events", "jobs")}
    house = a_house(services=SERVICES, roles=roles)
    ask = house.ask
    bought, flow = ready(ask, a_package(ask)["id"]), begun(ask)
    house.process("pipeline-jobs").stop()
    ask(sales.submit_sales_flow, sales_flow_id=bought["id"])
    new = a_person(assigned_to=house.owner["id"])
    calls = [
        (sales.begin_sales_flow, {"lead_data": new}),
        (sales.save_lead_data, {"sales_flow_id": flow["id"], "last_name": "Nováková"}),
        *(
            (SAVES[kind], {"sales_flow_id": begun(ask)["id"], "form_id": a_form_id(ask, kind), "answers": answers})
            for kind, answers in ANSWERS.items()
        ),
    ]
    keys = [new_id() for _ in calls]

    def call(nth: int) -> Any:
        rpc, request = calls[nth]
        return ask(rpc, key=keys[nth], **request)

    def try_to_call(nth: int) -> None:
        with suppress(Unavailable):  # killed before it could answer
            call(nth)

    def done() -> list[int]:
        """How often each thing stands in the service that keeps it."""
        return [
            len(ask(orders.list_orders, contact_id=bought["contact_id"])["items"]),
            _count(house, "contacts", "SELECT count(*) FROM contacts WHERE last_name = %s", new["last_name"]),
            _count(house, "contacts", "SELECT count(*) FROM contacts WHERE last_name = %s", "Nováková"),
            *(
                _count(house, "documents", "SELECT count(*) FROM filled_forms WHERE kind = %s", kind) - 1
                for kind in SAVES
            ),
        ]

    with ThreadPoolExecutor(len(calls)) as pool:
        with house.database("pipeline").begin() as connection:
            connection.exec_driver_sql("LOCK TABLE sales_flows IN SHARE MODE")  # to be read, and by nobody written
            house.start_again("pipeline-jobs")
            trying = [pool.submit(try_to_call, nth) for nth in range(len(calls))]
            eventually(lambda: done() == [1] * 5)
            for name in ("pipeline-jobs", "pipeline-rpc-events"):
                house.process(name).kill()
        for name in ("pipeline-jobs", "pipeline-rpc-events"):
            house.start_again(name)
        for tried in trying:
            tried.result()
    answers = [call(nth) for nth in range(len(calls))]
    submitted = eventually(
        lambda: (found := ask(sales.get_sales_flow, sales_flow_id=bought["id"]))["order_id"] and found
    )
    assert submitted["state"] == "submitted"
    assert done() == [1] * 5
    assert [answer["next_step"] for answer in answers[:2]] == ["questionnaire", "questionnaire"]
    assert [call(nth) for nth in range(len(calls))] == answers
    for answer in answers:
        eventually(lambda flow=answer: _told(ask, flow) == {"sales_flow.begun": 1, "sales_flow.step_saved": 1})


def _count(house: LivingHouse, service: str, statement: str, value: str) -> int:
    with house.database(service).connect() as connection:
        return connection.exec_driver_sql(statement, (value,)).scalar() or 0


def _told(ask: Callable[..., Any], flow: dict[str, Any]) -> dict[str, int]:
    page = ask(timeline.get_timeline, contact_id=flow["contact_id"], type="sales_flow")["items"]
    kinds = [entry["type"] for entry in page]
    return {kind: kinds.count(kind) for kind in kinds}


@pytest.mark.requirement("P06")
def test_an_order_whose_job_gave_up_is_asked_for_anew_and_one_that_is_at_work_is_not(servers: Servers) -> None:
    with a_clockwork(servers, "pipeline", now=dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)) as clockwork:
        flow = {"id": new_id(), "contact_id": new_id(), "state": "ordering", "begun_at": clockwork.now, "version": 9}
        with clockwork.work() as work:
            begun_job = work.start_job(submitting.ORDER, {"sales_flow_id": flow["id"]})
            work.session.add(SalesFlow(**flow, steps={"package": {"name": "Gold"}}, job_id=begun_job))

        def resume() -> list[str]:
            with clockwork.work() as work:
                submitting.resume_orders(work)
            with clockwork.reading() as work:
                ours = sa.select(jobs.c.id).where(jobs.c.kind == submitting.ORDER).order_by(jobs.c.id)
                return [str(one) for one in work.session.scalars(ours)]

        assert resume() == [begun_job]
        with clockwork.work() as work:
            work.session.execute(sa.update(jobs).values(state="failed"))
        assert len(resume()) == len(resume()) == 2
        order = {"order": {"id": new_id(), "number": 7}}
        while clockwork.step({submitting.ORDER: lambda work, job: submitting.note_order(work, job, order)}):
            pass
        assert len(resume()) == 2
        [told] = clockwork.told(sales.sales_flow_submitted)
        assert (told.data.order_id, told.data.order_number, told.data.package) == (order["order"]["id"], 7, "Gold")
