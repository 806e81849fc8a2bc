"""The stages as one ordered whole, and who may not be moved by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.errors import Conflict
from services.pipeline.leads.rules import refuse_by_hand
from services.pipeline.stages.model import Stage
from services.pipeline.stages.rules import Stages


def a_stage(name: str, kind: str = "open", rank: int = 0) -> Stage:
    return Stage(id=name, name=name, kind=kind, rank=Decimal(rank), version=1)


NEW, TRIAL, WON, LOST = (
    a_stage("new", rank=1),
    a_stage("trial", rank=2),
    a_stage("won", "won", 3),
    a_stage("lost", "lost", 4),
)
BOARD = Stages([LOST, WON, TRIAL, NEW])


@pytest.mark.requirement("P01")
def test_stages_stand_by_rank_and_know_the_way_in_and_the_way_out() -> None:
    assert [stage.name for stage in BOARD.in_order] == ["new", "trial", "won", "lost"]
    assert (BOARD.entrance, BOARD.won, BOARD.last_of("open")) == (NEW, WON, TRIAL)


@pytest.mark.requirement("P01")
def test_a_stage_can_be_put_anywhere() -> None:
    assert BOARD.rank_behind(None) < NEW.rank
    assert NEW.rank < BOARD.rank_behind(NEW) < TRIAL.rank
    assert BOARD.rank_behind(LOST) > LOST.rank
    assert BOARD.rank_behind(NEW, moving=TRIAL) < WON.rank


@pytest.mark.requirement("P07")
@pytest.mark.parametrize(
    ("here", "there"), [(NEW, WON), (LOST, WON), (WON, NEW), (WON, LOST)], ids=lambda stage: stage.name
)
def test_nobody_is_won_or_unwon_by_hand(here: Stage, there: Stage) -> None:
    with pytest.raises(Conflict) as refusal:
        refuse_by_hand(here, there)
    assert refusal.value.errors[0]["pointer"] == "/stage_id"


@pytest.mark.parametrize(("here", "there"), [(NEW, TRIAL), (TRIAL, LOST), (LOST, NEW), (WON, WON)])
def test_every_other_move_is_free(here: Stage, there: Stage) -> None:
    refuse_by_hand(here, there)
