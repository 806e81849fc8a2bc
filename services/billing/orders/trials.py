"""A trial is for trying: who buys for themselves takes each once."""

from __future__ import annotations

from chassis.work import Work
from contracts.errors import Invalid
from services.billing.assignments.actions import TRIAL
from services.billing.assignments.queries import had_before
from services.billing.orders.pricing import Line
from services.billing.subscriptions.selling import hold_memberships


def refuse_trials_again(work: Work, contact_id: str, lines: list[Line]) -> None:
    """Refuse what is no first try to who may not sell; of two orders at once the second finds the first."""
    trials = {version.package_id for version, _ in lines if version.kind == TRIAL}
    if not trials or work.actor.may("billing.sell"):
        return
    hold_memberships(work, contact_id)
    had, errors = had_before(work, contact_id, trials), []
    for place, (version, quantity) in enumerate(lines):
        if version.package_id in had or (version.kind == TRIAL and quantity > 1):
            errors.append({"pointer": f"/items/{place}/package_id", "detail": "A trial is taken once."})
        elif version.kind == TRIAL:
            had.add(version.package_id)
    if errors:
        raise Invalid("A trial is taken once.", errors)
