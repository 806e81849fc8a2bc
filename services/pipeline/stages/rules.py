"""The stages as one ordered whole."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from services.pipeline.ranks import between, is_too_fine
from services.pipeline.stages.model import Stage


class Stages:
    """All stages in the order of the board, and those beneath it that are leaving it."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        everywhere = sorted(stages, key=lambda stage: stage.rank)
        self.in_order = [stage for stage in everywhere if stage.leaving_since is None]
        self._by_id = {stage.id: stage for stage in everywhere}

    def get(self, stage_id: str | None) -> Stage | None:
        """The stage of that id, if it is on the board."""
        stage = self.wherever(stage_id)
        return stage if stage and stage.leaving_since is None else None

    def wherever(self, stage_id: str | None) -> Stage | None:
        """The stage of that id, also one that is leaving: who was restored a moment ago may stand in it still."""
        return self._by_id.get(stage_id or "")

    @property
    def entrance(self) -> Stage:
        """Where leads come in: the first open stage."""
        return self._first("open")

    @property
    def won(self) -> Stage:
        """Where leads go when they become customers: the first won stage."""
        return self._first("won")

    def rank_behind(self, stage: Stage | None, *, moving: Stage | None = None) -> Decimal:
        """The rank of the place right behind a stage, or of the first place of all."""
        others = [other for other in self.in_order if other is not moving]
        place = others.index(stage) + 1 if stage else 0
        following = others[place].rank if place < len(others) else None
        rank = between(stage.rank if stage else None, following)
        if not is_too_fine(rank):
            return rank
        for nth, other in enumerate(others, start=1):  # they are few: all of them are put further apart
            other.rank = Decimal(nth)
        return self.rank_behind(stage, moving=moving)

    def last_of(self, kind: str) -> Stage:
        """The last stage of a kind, or of all when there is none of it."""
        return next((stage for stage in reversed(self.in_order) if stage.kind == kind), self.in_order[-1])

    def beside(self, stage: Stage) -> Stage | None:
        """The stage of its kind right before it, else right after it; None for the last one of its kind."""
        others = [other for other in self.in_order if other.kind == stage.kind and other is not stage]
        before = [other for other in others if other.rank < stage.rank]
        return before[-1] if before else next(iter(others), None)

    def _first(self, kind: str) -> Stage:
        return next(stage for stage in self.in_order if stage.kind == kind)
