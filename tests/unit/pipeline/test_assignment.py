"""Whose turn it is: the first rule that fits and has somebody, by turns or by load, never who left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.pipeline.assignment.model import AssignmentRule
from services.pipeline.assignment.rules import Newcomer, choose

ANNA, BEN, CLEO = "anna", "ben", "cleo"
ANA = Newcomer("ana", "fair", "north")


def a_rule(strategy: str = "round_robin", *members: str, source: str | None = None, location: str | None = None):
    return AssignmentRule(
        id=f"{strategy} {source} {location}", strategy=strategy, team_member_ids=list(members), source=source,
        location=location, rank=Decimal(0), turn=0,
    )  # fmt: skip


@pytest.mark.requirement("P04")
def test_turns_go_round_and_pass_over_who_left() -> None:
    rule, load = a_rule("round_robin", ANNA, BEN, CLEO), {}
    turns = [choose([rule], ANA, {ANNA, CLEO}, load)[1] for _ in range(4)]
    assert turns == [ANNA, CLEO, ANNA, CLEO]
    assert choose([rule], ANA, {ANNA, BEN, CLEO}, load)[1] == ANNA, "who came back has their turn when it comes"
    assert choose([rule], ANA, {ANNA, BEN, CLEO}, load)[1] == BEN


@pytest.mark.requirement("P04")
def test_the_least_loaded_is_who_has_the_fewest_and_these_count_too() -> None:
    load = {ANNA: 3, BEN: 1}
    rule = a_rule("least_loaded", ANNA, BEN, CLEO)
    assert [choose([rule], ANA, {ANNA, BEN}, load)[1] for _ in range(4)] == [BEN, BEN, ANNA, BEN]
    assert choose([rule], ANA, {ANNA, BEN, CLEO}, load)[1] == CLEO


@pytest.mark.requirement("P04")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([a_rule("round_robin", BEN, source="web"), a_rule("round_robin", ANNA)], ANNA),  # another source
        ([a_rule("round_robin", BEN, source="fair"), a_rule("round_robin", ANNA)], BEN),
        ([a_rule("round_robin", BEN, source="fair", location="south"), a_rule("round_robin", ANNA)], ANNA),
        ([a_rule("round_robin", BEN, location="north"), a_rule("round_robin", ANNA)], BEN),
        ([a_rule("round_robin", BEN, source="Fair", location="NORTH"), a_rule("round_robin", ANNA)], BEN),
        ([a_rule("round_robin", CLEO), a_rule("round_robin", ANNA)], ANNA),  # Cleo left
        ([a_rule("round_robin", CLEO)], None),
        ([], None),
    ],
)
def test_the_first_rule_that_fits_and_has_somebody_decides(rules: list[AssignmentRule], expected: str | None) -> None:
    chosen = choose(rules, ANA, {ANNA, BEN}, {})
    assert (chosen and chosen[1]) == expected
