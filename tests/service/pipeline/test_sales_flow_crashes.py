"""What was killed between the order and the end of the sales flow is finished, and ordered once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.billing import orders
from contracts.pipeline import sales
from tests.builders.selling import a_package, ready
from tests.builders.waiting import eventually
from tests.house.living import LivingHouse


@pytest.mark.requirement("P06")
def test_killed_after_the_order_was_placed_the_flow_is_finished_with_that_order(
    a_house: Callable[..., LivingHouse],
) -> None:
    """Takes its seconds: a house of its own, whose jobs are killed while they wait for the flow's row."""
    services = ["contacts", "pipeline", "billing", "documents"]
    roles = {**dict.fromkeys(services, ("all",)), "pipeline": ("rpc,events", "jobs")}
    house = a_house(services=services, roles=roles)
    flow = ready(house.ask, a_package(house.ask)["id"])
    jobs = house.process("pipeline-jobs")
    jobs.stop()
    house.ask(sales.submit_sales_flow, sales_flow_id=flow["id"])

    def placed() -> list[str]:
        return [order["id"] for order in house.ask(orders.list_orders, contact_id=flow["contact_id"])["items"]]

    with house.database("pipeline").begin() as connection:
        connection.exec_driver_sql("SELECT 1 FROM sales_flows WHERE id = %s FOR UPDATE", (flow["id"],))
        house.start_again("pipeline-jobs")
        eventually(placed)
        house.process("pipeline-jobs").kill()
    assert house.ask(sales.get_sales_flow, sales_flow_id=flow["id"])["state"] == "ordering"
    house.start_again("pipeline-jobs")
    done = eventually(
        lambda: (found := house.ask(sales.get_sales_flow, sales_flow_id=flow["id"]))["order_id"] and found
    )
    assert (done["state"], placed()) == ("submitted", [done["order_id"]])
