"""What one stage rule does to one lead, and why it does nothing."""

from __future__ import annotations

from typing import Any

import pytest

from services.pipeline.rules.model import StageRule
from services.pipeline.rules.rules import Standing, run_of

ANNA, BEN, GONE = "anna", "ben", "gone"
TEAM = {ANNA, BEN}


def a_rule(deed: str, **told: Any) -> StageRule:
    return StageRule(id="rule", name="Rule", version=7, do={deed: told})


def a_lead(assigned_to: str | None = ANNA, kind: str = "open", contact: str = "active") -> Standing:
    return Standing("ana", assigned_to, kind, "Trial", contact)


@pytest.mark.requirement("P05")
@pytest.mark.parametrize(
    ("rule", "lead", "result", "because", "whose"),
    [
        (a_rule("create_follow_up", title="Ring"), a_lead(), "done", None, ANNA),
        (a_rule("create_follow_up", title="Ring", assigned_to=BEN), a_lead(), "done", None, BEN),
        (a_rule("create_follow_up", title="Ring", assigned_to=GONE), a_lead(), "done", None, ANNA),  # else nobody's
        (a_rule("create_follow_up", title="Ring"), a_lead(None), "done", None, None),  # it goes with the lead
        (a_rule("notify", message="Look"), a_lead(), "done", None, ANNA),
        (a_rule("notify", message="Look", team_member_id=BEN), a_lead(None), "done", None, BEN),
        (a_rule("notify", message="Look"), a_lead(None), "skipped", "Nobody has the lead.", None),
        (a_rule("notify", message="Look"), a_lead(GONE), "skipped", "They do not work here any more.", GONE),
        (a_rule("assign", assigned_to=BEN), a_lead(), "done", None, BEN),
        (a_rule("assign", assigned_to=GONE), a_lead(), "skipped", "They do not work here any more.", GONE),
        (a_rule("assign", assigned_to=BEN), a_lead(kind="won"), "skipped", "The lead was won.", None),
        (
            a_rule("create_follow_up", title="Ring"), a_lead(contact="archived"),
            "skipped", "The contact was archived.", None,
        ),
    ],
)  # fmt: skip
def test_a_run_says_what_was_done_for_whom_or_why_not(
    rule: StageRule, lead: Standing, result: str, because: str | None, whose: str | None
) -> None:
    run = run_of(rule, lead, 3, TEAM)
    assert (run["result"], run["because"], run["team_member_id"]) == (result, because, whose)
    assert (run["entry"], run["rule_version"]) == (3, 7)
    assert (run["follow_up_id"] is not None) == (result == "done" and rule.deed == "create_follow_up")
