"""What a contact is shown of what is sold (P08)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.billing import orders, packages, payments
from contracts.errors import Invalid
from tests.builders.people import a_lead
from tests.builders.selling import a_package
from tests.builders.waiting import eventually

Ask = Callable[..., Any]


@pytest.mark.requirement("P08", "B01")
def test_a_lead_is_shown_trials_only_until_the_sale_and_nobody_what_is_private_or_not_on_sale(ask: Ask) -> None:
    lead = a_lead(ask)["id"]
    gold, trial = a_package(ask), a_package(ask, "trial", 0)
    private, gone = a_package(ask, visibility="private"), a_package(ask, "trial", 0)
    ask(packages.change_package, package_id=gone["id"], on_sale=False)
    known = {package["id"]: name for package, name in ((gold, "gold"), (trial, "trial"), (private, "p"), (gone, "x"))}

    def shown() -> set[str]:
        page = ask(packages.list_packages, for_contact=lead, limit=200)
        return {known[package["id"]] for package in page["items"] if package["id"] in known}

    assert shown() == {"trial"}
    order = ask(orders.place_order, contact_id=lead, items=[{"package_id": trial["id"]}])
    assert (order["state"], shown()) == ("paid", {"trial"})
    sale = ask(orders.place_order, contact_id=lead, items=[{"package_id": gold["id"]}])
    assert shown() == {"trial"}, "ordered is not sold"
    ask(payments.take_payment, order_id=sale["id"], method="cash")
    eventually(lambda: shown() == {"trial", "gold"})


@pytest.mark.requirement("P08")
def test_for_a_contact_that_there_is_not_nothing_is_listed(ask: Ask) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(packages.list_packages, for_contact=new_id())
    assert refusal.value.errors[0]["pointer"] == "/for_contact"
