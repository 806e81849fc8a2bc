"""Reports over a history made by hand, of which every number is worked out beside it.

Six leads of one place; T is the stage Talk, O is Offer. Times are UTC, and the business is in Prague.

    A  Fair  anna    03-01 10:00 T   03-03 10:00 O   03-04 10:00 Won "paid Gold"
    B  fair  ben     03-02 00:00 T   03-02 12:00 O   03-05 12:00 Lost "too expensive"
    C  web   anna    03-10 00:00 T   03-11 00:00 Lost "too expensive"
    D  web   anna    03-31 23:30 T   (in Prague 04-01 01:30)     worth 100.01 EUR
    E  -     nobody  03-20 00:00 T   03-21 00:00 O               worth  50.00 EUR
    F  web   ben     03-15 00:00 T   archived                    worth   9.99 EUR

Five of another place, who turn back, or come on the day of March that has 23 hours:

    G  fair  anna    04-01 T   04-03 Won "paid Gold"   04-05 T "refunded"   04-10 Won "paid Silver"
    H  fair  ben     04-02 T   04-04 Won "paid Gold"   04-06 T "refunded"                          worth 90.00 EUR
    I  web   anna    04-03 T   04-05 O                 04-06 T              04-08 Lost "moved away"
    J  web   ben     03-28 23:30 T   (in Prague 03-29 00:30)
    K  web   ben     03-29 22:30 T   (in Prague 03-30 00:30)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert

from chassis.ids import new_id
from contracts.contacts import settings
from contracts.errors import Invalid
from contracts.pipeline import reports, stages as stages_contract
from services.acquaintance import known_contacts
from services.pipeline.leads.model import Lead, Move
from tests.house.living import LivingHouse
from tests.service.pipeline.conftest import Contacts

MARCH = {"since": "2026-03-01", "until": "2026-04-01"}
Enter = Callable[..., str]


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 3) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def april(day: int) -> dt.datetime:
    return at(day, month=4)


class History:
    """Leads of an example, in stages of their own."""

    def __init__(self, pipeline: LivingHouse, stages: dict[str, str], anna: str, ben: str) -> None:
        self.pipeline, self.place, self.anna, self.ben = pipeline, new_id(), anna, ben
        self.talk, self.offer = (
            pipeline.ask(stages_contract.add_stage, name=f"{name} {new_id()}")["id"] for name in ("Talk", "Offer")
        )
        self.won, self.lost = stages["Won"], stages["Lost"]

    def of_six(self) -> History:
        anna, ben, talk, offer, dear = self.anna, self.ben, self.talk, self.offer, "too expensive"
        self.enter("Fair", anna, (at(1, 10), talk), (at(3, 10), offer), (at(4, 10), self.won, "paid Gold"))
        self.enter("fair", ben, (at(2), talk), (at(2, 12), offer), (at(5, 12), self.lost, dear))
        self.enter("web", anna, (at(10), talk), (at(11), self.lost, dear))
        self.enter("web", anna, (at(31, 23, 30), talk), value=10001)
        self.enter(None, None, (at(20), talk), (at(21), offer), value=5000)
        self.enter("web", ben, (at(15), talk), value=999, standing="archived")
        return self

    def of_those_who_turn_back(self) -> History:
        anna, ben, talk, offer, won = self.anna, self.ben, self.talk, self.offer, self.won
        gold, silver, refunded, away = "paid Gold", "paid Silver", "refunded", "moved away"
        again = (april(5), talk, refunded), (april(10), won, silver)
        self.enter("fair", anna, (april(1), talk), (april(3), won, gold), *again)
        self.enter("fair", ben, (april(2), talk), (april(4), won, gold), (april(6), talk, refunded), value=9000)
        self.enter("web", anna, (april(3), talk), (april(5), offer), (april(6), talk), (april(8), self.lost, away))
        self.enter("web", ben, (at(28, 23, 30), talk))
        self.enter("web", ben, (at(29, 22, 30), talk))
        return self

    def enter(
        self, source: str | None, whose: str | None, *moves: Any, value: int | None = None, standing: str = "active"
    ) -> None:
        id, entered, (last, stage_id, *_) = new_id(), moves[0][0], moves[-1]
        lead = {
            "contact_id": id, "stage_id": stage_id, "rank": 0, "status": "new", "as_of": {}, "version": len(moves),
            "source": source, "assigned_to": whose, "location": self.place, "entered_at": entered,
            "entered_stage_at": last, "touched_at": last, "value_amount": value,
            "value_currency": "EUR" if value else None, "standing": standing,
        }  # fmt: skip
        known = {
            "contact_id": id, "display_name": "Ana", "standing": standing, "version": 1, "complete": True,
        }  # fmt: skip
        rows = [
            {"contact_id": id, "version": nth, "moved_at": moved, "to_stage_id": to, "to_stage": "", "reason": reason}
            for nth, (moved, to, reason) in enumerate(((*move, None)[:3] for move in moves), start=1)
        ]  # fmt: skip
        with self.pipeline.database("pipeline").begin() as connection:
            connection.execute(insert(Lead), [lead])
            connection.execute(insert(known_contacts), [known])
            connection.execute(insert(Move), rows)

    def ask(self, rpc: Any, **request: Any) -> Any:
        return self.pipeline.ask(rpc, location=self.place, **request)

    def conversion(self, **request: Any) -> dict[str, tuple[int, ...]]:
        items = self.ask(reports.report_conversion, **{**MARCH, **request})["items"]
        counted = ("leads", "won", "lost", "archived", "open", "rate")
        return {item["key"]: tuple(item[name] for name in counted) for item in items}


@pytest.fixture
def a_history(
    pipeline: LivingHouse, contacts: Contacts, stages: dict[str, str], a_colleague: Enter, applied: Callable[..., None]
) -> History:
    zone = {"time_zone": {"before": None, "after": "Europe/Prague"}}
    said = (settings.settings_changed, None, {"changes": zone, "version": 10**6}, new_id())
    contacts.tell(said)
    applied(said, by="remember_settings")
    return History(pipeline, stages, a_colleague(), a_colleague())


@pytest.fixture
def history(a_history: History) -> History:
    return a_history.of_six()


@pytest.mark.requirement("P09")
def test_the_numbers_of_an_example_are_those_worked_out_by_hand(history: History) -> None:
    # Into T came all six: A is won, B and C are lost, F was archived there, D and E are open; 1/6 = 0.1667.
    # Into O came A (won), B (lost) and E (open): 1/3. Into Won came A, into Lost B and C.
    assert history.conversion(by="stage") == {
        history.talk: (6, 1, 2, 1, 2, 0.1667),
        history.offer: (3, 1, 1, 0, 1, 0.3333),
        history.won: (1, 1, 0, 0, 0, 1.0),
        history.lost: (2, 0, 2, 0, 0, 0.0),
    }
    # web: C lost, D open, F archived. fair: A won, B lost. From nowhere: E.
    by_source = history.conversion(by="source")
    assert by_source == {"web": (3, 0, 1, 1, 1, 0.0), "fair": (2, 1, 1, 0, 0, 0.5), None: (1, 0, 0, 0, 1, 0.0)}
    assert list(by_source) == ["web", "fair", None], "the biggest first, in whatever letter case"
    # anna: A won, C lost, D open. ben: B lost, F archived. Nobody: E.
    assert history.conversion(by="assignee") == {
        history.anna: (3, 1, 1, 0, 1, 0.3333),
        history.ben: (2, 0, 1, 1, 0, 0.0),
        None: (1, 0, 0, 0, 1, 0.0),
    }
    assert history.conversion(by="location") == {history.place: (6, 1, 2, 1, 2, 0.1667)}
    assert history.conversion(by="source", assigned_to=history.ben) == {
        "fair": (1, 0, 1, 0, 0, 0.0), "web": (1, 0, 0, 1, 0, 0.0),
    }  # fmt: skip


@pytest.mark.requirement("P09")
def test_a_day_begins_where_the_business_is(history: History) -> None:
    # D came on 31 March at 23:30 UTC, which is 1 April in Prague: of March are A, B, C, E and F, 1/5 of them won.
    assert history.conversion(by="month") == {"2026-03": (5, 1, 2, 1, 1, 0.2), "2026-04": (1, 0, 0, 0, 1, 0.0)}
    assert history.conversion(by="source", until="2026-03-31")["web"] == (2, 0, 1, 1, 0, 0.0)
    # ISO weeks: 1 March is a Sunday, of week 9; B came on the 2nd (10), C on the 10th (11), F on the 15th (11), E on
    # the 20th (12), D on Wednesday 1 April (14).
    weeks = history.conversion(by="week")
    assert {week: counts[0] for week, counts in weeks.items()} == {
        "2026-W09": 1, "2026-W10": 1, "2026-W11": 2, "2026-W12": 1, "2026-W14": 1,
    }  # fmt: skip


@pytest.mark.requirement("P09")
def test_how_long_they_stand_why_they_leave_and_what_is_to_come(history: History) -> None:
    items = history.ask(reports.report_time_in_stage, **MARCH)["items"]
    stays = {item["stage_id"]: item for item in items}
    talk, offer = stays[history.talk], stays[history.offer]
    # T: A 48 h, B 12 h, C 24 h, E 24 h, which is 108 h / 4 = 27 h; in order 12 24 24 48, the middle is 24. D stands, F
    # was archived there.
    assert [talk[name] for name in ("stays", "ended", "archived", "standing")] == [6, 4, 1, 1]
    assert (talk["average_hours"], talk["median_hours"]) == (27.0, 24.0)
    # O: A 24 h, B 72 h: the average and the middle are 48 h. E stands.
    assert [offer[name] for name in ("stays", "ended", "standing")] == [3, 2, 1]
    assert (offer["average_hours"], offer["median_hours"]) == (48.0, 48.0)

    assert history.ask(reports.report_outcomes, **MARCH)["items"] == [
        {"kind": "won", "reason": "paid Gold", "leads": 1},
        {"kind": "lost", "reason": "too expensive", "leads": 2},
    ]

    # T: D is worth 10001; of those who came into T and are decided, 1 of 3 was won: 10001 x 1 / 3 = 3333.67, rounded
    # down. F is archived and left out. O: E is worth 5000; 1 of 2 was won: 2500. Together 5833.
    told = history.ask(reports.forecast, history_days=3650)
    assert [(item["stage_id"], item["leads"], item["rate"], item["expected"]) for item in told["items"]] == [
        (history.talk, 1, 0.3333, {"amount": 3333, "currency": "EUR"}),
        (history.offer, 1, 0.5, {"amount": 2500, "currency": "EUR"}),
    ]
    assert told["expected"] == [{"amount": 5833, "currency": "EUR"}]


@pytest.mark.requirement("P09", "P07")
def test_who_turned_back_counts_once_for_what_they_are_now(a_history: History) -> None:
    history = a_history.of_those_who_turn_back()
    month = {"since": "2026-04-01", "until": "2026-04-30"}
    # Into T came G, H and I, two of them twice: G is won, I lost, H open; 1/3. Into O came I. Into Won came G, twice,
    # and H, whose sale was reversed: 1/2. Into Lost came I.
    assert history.conversion(by="stage", **month) == {
        history.talk: (3, 1, 1, 0, 1, 0.3333),
        history.offer: (1, 0, 1, 0, 0, 0.0),
        history.won: (2, 1, 0, 0, 1, 0.5),
        history.lost: (1, 0, 1, 0, 0, 0.0),
    }
    assert history.conversion(by="source", **month) == {"fair": (2, 1, 0, 0, 1, 0.5), "web": (1, 0, 1, 0, 0, 0.0)}
    # Of Won, the last move of G alone: its first sale and that of H were reversed.
    assert history.ask(reports.report_outcomes, **month)["items"] == [
        {"kind": "won", "reason": "paid Silver", "leads": 1},
        {"kind": "lost", "reason": "moved away", "leads": 1},
    ]
    # T: G 48 h and 120 h, H 48 h and still there, I 48 h twice: 312 h / 5 = 62.4 h, the middle is 48. Won: G 48 h and
    # still there, H 48 h. O: I 24 h.
    items = history.ask(reports.report_time_in_stage, **month)["items"]
    names = ("stays", "ended", "standing", "average_hours", "median_hours")
    stays = {item["stage_id"]: tuple(item[name] for name in names) for item in items}
    assert (stays[history.talk], stays[history.offer]) == ((6, 5, 1, 62.4, 48.0), (1, 1, 0, 24.0, 24.0))
    assert stays[history.won] == (3, 2, 1, 48.0, 48.0)
    # H is worth 9000 in T; of those who came there and are decided, G was won and I lost: 1/2.
    told = history.ask(reports.forecast, history_days=3650)
    assert told["expected"] == [{"amount": 4500, "currency": "EUR"}]


@pytest.mark.requirement("P09")
def test_the_day_on_which_the_clocks_go_forward_has_23_hours(a_history: History) -> None:
    history = a_history.of_those_who_turn_back()
    # J came half an hour after it began, at 23:00 UTC, and K half an hour after it was over, at 22:00 UTC.
    for day, leads in (("2026-03-28", 0), ("2026-03-29", 1), ("2026-03-30", 1)):
        found = history.conversion(by="source", since=day, until=day)
        assert found == ({"web": (leads, 0, 0, 0, leads, 0.0)} if leads else {}), day


@pytest.mark.requirement("P09")
def test_an_odd_period_is_refused_by_its_field(pipeline: LivingHouse) -> None:
    for rpc, request, pointer in [
        (reports.report_conversion, {}, "/by"),
        (reports.report_conversion, {"by": "colour"}, "/by"),
        (reports.report_conversion, {"by": "month", "since": "2026-13-01"}, "/since"),
        (reports.report_conversion, {"by": "month", "since": "9999-12-31", "until": "9999-12-31"}, "/since"),
        (reports.report_outcomes, {"since": "2026-03-02", "until": "2026-03-01"}, "/since"),
        (reports.report_time_in_stage, {"until": "0001-01-01"}, "/until"),
        (reports.forecast, {"history_days": 0}, "/history_days"),
    ]:
        with pytest.raises(Invalid) as refused:
            pipeline.ask(rpc, **request)
        assert refused.value.errors[0]["pointer"] == pointer, request


@pytest.mark.requirement("P09")
def test_the_reasons_of_many_days_and_letter_cases_add_up(a_history: History) -> None:
    history = a_history
    for day in (3, 4):
        bought = f"customer since 2026-03-0{day}: paid membership Gold"
        history.enter("web", None, (at(1), history.talk), (at(day), history.won, bought))
    for dear in ("too expensive", "too expensive", "Too Expensive"):
        history.enter("web", None, (at(1), history.talk), (at(5), history.lost, dear))
    assert history.ask(reports.report_outcomes, **MARCH)["items"] == [
        {"kind": "won", "reason": "paid membership Gold", "leads": 2},
        {"kind": "lost", "reason": "too expensive", "leads": 3},
    ]
