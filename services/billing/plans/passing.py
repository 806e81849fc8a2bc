"""What time does to instalments: on its day each is due."""

from __future__ import annotations

from chassis.overdue import let_run_out
from chassis.work import Work
from contracts.billing import plans as told
from services.billing.plans.model import Instalment
from services.billing.plans.telling import said_of_instalment
from services.billing.subscriptions.queries import today_of


def let_instalments_fall_due(work: Work) -> None:
    """Tell of those whose day has come, the oldest first; whoever is charged by itself is so whether it is told yet."""
    let_run_out(
        work,
        Instalment,
        Instalment.state == "planned",
        Instalment.due_on <= today_of(work),
        oldest=Instalment.due_on,
        becomes={"state": "due"},
        told=told.instalment_due,
        saying=lambda row: said_of_instalment(row) | {"next_try_on": None},
    )
