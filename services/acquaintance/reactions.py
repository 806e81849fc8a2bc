"""Keeping the memory of contacts up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.tables import jobs
from contracts.contacts.settings import SETTINGS, get_settings
from services.acquaintance.model import known_settings
from services.acquaintance.queries import keep, recall
from services.acquaintance.rules import KnownContact, News, learn, learnt_of

LEARN = "learn_settings"


def remember(work: Any, events: Iterable[Any]) -> None:
    """Learn from a batch of events about contacts, in whatever order they came."""
    _learn(work, [_news_of(event) for event in events])


def learn_standings(work: Any, told: Iterable[Mapping[str, Any]]) -> None:
    """Learn what contacts said, of its own accord or asked, of how many stand: id, name, standing and version."""
    _learn(work, [News(item["contact_id"], item["version"], item["display_name"], item["standing"]) for item in told])


def _learn(work: Any, news: Sequence[News]) -> None:
    known = recall(work.session, [item.contact_id for item in news], lock=True)
    learnt: dict[str, KnownContact] = dict(known)
    for item in news:
        after = learn(learnt.get(item.contact_id), item)
        if after is not None:
            learnt[item.contact_id] = after
    keep(work, [learnt[id] for id in known if learnt[id] != known[id]])
    # Who asked contacts at this very moment knows more than a first event tells.
    keep(work, [contact for id, contact in learnt.items() if id not in known], only_newer=True)


def remember_settings(work: Any, event: Any) -> None:
    """Learn what the business says of itself, unless something newer was heard of it."""
    version = event.data["version"]
    rows = [{"key": key, "value": change["after"], "version": version} for key, change in event.data["changes"].items()]
    _keep_settings(work, sorted(rows, key=lambda row: row["key"]))


def ask_when_strange(work: Any) -> None:
    """Ask for the settings, as a job, while there are some that were never heard of: they were made before us."""
    known = select(func.count()).select_from(known_settings).where(known_settings.c.key.in_(sorted(SETTINGS)))
    asking = select(jobs.c.id).where(jobs.c.kind == LEARN, jobs.c.state.in_(("queued", "running")))
    if work.session.scalar(known) < len(SETTINGS) and work.session.scalar(asking.limit(1)) is None:
        work.start_job(LEARN, {})


def ask_for_settings(work: Any, _job: Any) -> Any:
    """Ask contacts what holds."""
    return work.ask(get_settings)


def learn_settings(work: Any, job: Any, settings: Any) -> None:
    """Remember what holds, unless something newer was heard meanwhile."""
    _keep_settings(work, learnt_of(settings))
    job.finish(version=settings["version"])


def _keep_settings(work: Any, rows: list[dict[str, Any]]) -> None:
    new = insert(known_settings).values(rows)
    set_ = {name: new.excluded[name] for name in ("value", "version")}
    older = known_settings.c.version < new.excluded.version
    work.session.execute(new.on_conflict_do_update(index_elements=["key"], set_=set_, where=older))


def _news_of(event: Any) -> News:
    changes = event.data.get("changes") or {}
    return News(
        contact_id=event.subject,
        version=event.data["version"],
        display_name=event.data.get("display_name"),
        standing=changes.get("standing", {}).get("after"),
        changed=frozenset(changes),
    )
