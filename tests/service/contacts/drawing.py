"""Sales by chance, and what must come of each, reckoned without knowing how any service does it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

NEW, DUE, TRIAL, LAPSED = "new-lead", "payment-due", "trial", "lapsed"
MEMBER, PAUSED = "active-member", "paused"


class Case(NamedTuple):
    """What happens, in words of `Sale`, and what must come of it."""

    happens: str
    lifecycle: str
    stage: str
    tags: set[str]
    earned: bool
    why: str


FOLLOWS: dict[str, dict[str, str]] = {
    "open": {
        "cash": "paid", "card": "paid", "balance": "paid", "half cash": "paid", "decline": "open",
        "transfer": "pending", "cancel": "cancelled",
    },
    "planned": {"instalment": "begun", "cancel": "cancelled"},
    "begun": {"payoff": "paid", "instalment instalment": "paid", "writeoff": "over"},
    "pending": {"approve": "paid", "reject": "open"},
    "paid": {"back": "refunded"},
    "given": {"cancel": "cancelled"},
    "running": {"back": "refunded", "pause": "paused", "stop": "ended"},
    "paused": {"resume": "running"},
    "ended": {"back": "refunded"},
}  # fmt: skip
"""By how a purchase stands: what may happen to it, and how it stands then."""
AT_FIRST = {"gift": "given", "trial": "tried", "brief": "tried", "plan": "planned"}
"""How what is ordered stands at once, where it is not open."""
OWED = {"open", "planned", "begun", "pending"}
HAD = {"begun", "paid", "given", "running", "paused"}
OVER = {"ended", "over"}
TRIALS = ("trial", "brief")


@dataclass
class Bought:
    """Something that was ordered, and how it stands."""

    ware: str
    state: str


class Draw:
    """A history by chance; what happens concerns what was ordered last, but for time, which concerns all."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.words: list[str] = []
        self.bought: list[Bought] = []

    def case(self) -> Case:
        """A history, and what must come of it."""
        self._some(6)
        self.words.append("expire")
        for one in self.bought:
            if one.ware == "brief" or (one.ware == "short" and one.state == "paid"):
                one.state = "ended" if one.ware == "short" else "cancelled"
        self._some(3)
        archived = not self._blocked() and self.chance.random() < 0.5
        tags = set() if archived else self._tags()
        stands = self._lifecycle()
        came = stands != "lead"
        happens = " ".join(self.words + ["archive"] * archived)
        return Case(happens, stands, "Won" if came else "New", tags, came, "as reckoned")

    def _some(self, most: int) -> None:
        for _ in range(self.chance.randint(0, most)):
            last = self.bought[-1] if self.bought else None
            possible = FOLLOWS.get(last.state, {}) if last else {}
            if last and possible and (last.state in OWED or self.chance.random() < 0.6):
                word = self.chance.choice(list(possible))
                last.state = "running" if last.ware == "member" and possible[word] == "paid" else possible[word]
            else:
                word = self.chance.choice(self._on_offer())
                self.bought.append(Bought(word, AT_FIRST.get(word, "open")))
            self.words.append(word)

    def _on_offer(self) -> list[str]:
        """A second membership is refused while there is one, and a trial is for leads, once."""
        wares = ["order", "short", "cheaper", "coded", "gift", "plan"]
        if not self._of("member", OWED | HAD):
            wares.append("member")
        if not self.bought:
            wares += TRIALS
        return wares

    def _of(self, ware: str, states: set[str]) -> bool:
        return any(one.ware == ware and one.state in states for one in self.bought)

    def _any(self, states: set[str]) -> bool:
        return any(one.state in states for one in self.bought)

    def _lifecycle(self) -> str:
        return "customer" if self._any(HAD) else "former_customer" if self._any(OVER) else "lead"

    def _tags(self) -> set[str]:
        is_lead = self._lifecycle() == "lead"
        holds = {
            NEW: is_lead,
            TRIAL: is_lead and self._any({"tried"}),
            DUE: self._any(OWED),
            LAPSED: self._lifecycle() == "former_customer",
            MEMBER: self._of("member", {"running"}),
            PAUSED: self._of("member", {"paused"}),
        }
        return {tag for tag, held in holds.items() if held}

    def _blocked(self) -> bool:
        """Whoever owes, has a trial or is a customer is not archived."""
        return self._any(OWED | HAD | {"tried"})
