"""Writing to a team member, as a job: whose address it is, contacts knows."""

from __future__ import annotations

from typing import Any

from contracts.contacts import team
from contracts.errors import NotFound
from services.acquaintance import known_business, recall
from services.notifications.messages.actions import queue_for_team
from services.notifications.reminders.rules import due_letter, flag_letter
from services.notifications.settings import business_words

WRITE = "write_to_team_member"


def remind_of_follow_up(work: Any, event: Any) -> None:
    """Have one letter written for each due time of a follow-up to each who has it from then on."""
    told = event.data
    if told.assigned_to is None:
        return
    about, sender = _about(work, event.subject), _sender(work)
    letter = due_letter(told, about=about, zone=known_business(work).zone, sender=sender)
    key = f"follow_up:{told.follow_up_id}:{told.due_at.isoformat()}:{told.assigned_to}"
    _start(work, event, to=told.assigned_to, key=key, letter=letter)


def point_out_lead(work: Any, event: Any) -> None:
    """Have one letter written for each run of a rule that notifies."""
    told = event.data
    letter = flag_letter(told, about=_about(work, event.subject), sender=_sender(work))
    key = f"stage_rule:{told.rule_id}:{event.subject}:{told.entry}"
    _start(work, event, to=told.team_member_id, key=key, letter=letter)


def ask_who(work: Any, job: Any) -> Any:
    """Ask contacts who that is; None when nobody is known by that id."""
    try:
        return work.ask(team.get_team_member, team_member_id=job.input["to"])
    except NotFound:
        return None


def write(work: Any, job: Any, member: Any) -> None:
    """Queue the letter once; who left gets none."""
    if member is None or not member["active"]:
        job.finish(because="They do not work here any more.")
        return
    told = job.input
    queue_for_team(
        work,
        contact_id=told["contact_id"],
        member=member,
        key=told["key"],
        subject=told["subject"],
        text=f"Hello {member['name']},\n\n{told['text']}",
    )
    job.finish()


def _start(work: Any, event: Any, *, to: str, key: str, letter: dict[str, str]) -> None:
    work.by_itself()
    work.start_job(WRITE, {"to": to, "contact_id": event.subject, "key": key, **letter})


def _about(work: Any, contact_id: str) -> str:
    known = recall(work.session, [contact_id]).get(contact_id)
    return known.display_name if known else "a lead"


def _sender(work: Any) -> str:
    return str(business_words(work)["business"]["name"])
