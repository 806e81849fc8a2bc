"""Handing leads over, as a job: whose a lead is, contacts keeps, and is asked outside of any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.contacts import people
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale, Unavailable
from services.acquaintance import recognise
from services.pipeline.assignment.choosing import choose_again
from services.pipeline.leads.following import learn
from services.pipeline.leads.tidings import told_by_contact

HAND_OVER = "hand_over_leads"
AT_ONCE = 20
TRIES = 5


def start_handing_over(
    work: Any, leads: Sequence[tuple[str, str]], *, only_unassigned: bool = False, absent: Sequence[str] = ()
) -> None:
    """Queue that each contact goes to a team member, a job for each request that this comes of; `only_unassigned`
    leaves who has somebody by then.

    `absent` are team members whom contacts refused before.
    """
    to = dict(leads)
    for cause, contact_ids in work.by_cause(to):
        pairs = [[contact_id, to[contact_id]] for contact_id in contact_ids]
        told = {"leads": pairs, "only_unassigned": only_unassigned, "absent": list(absent)}
        work.start_job(HAND_OVER, told, cause)


def ask_for_hand_over(work: Any, job: Any) -> list[Any]:
    """Ask contacts to change the next ones; asked again after a crash, nothing more happens."""
    done = job.checkpoint.get("done", 0)
    changed = [
        _hand_over(work, contact_id, to, only_unassigned=job.input["only_unassigned"])
        for contact_id, to in job.input["leads"][done : done + AT_ONCE]
    ]
    return [contact for contact in changed if contact is not None]


def note_hand_over(work: Any, job: Any, contacts: Sequence[Any]) -> None:
    """Follow at once what contacts answered; its event, when it comes, finds that done."""
    refused = [contact["refused"] for contact in contacts if "refused" in contact]
    contacts = [contact for contact in contacts if "refused" not in contact]
    for contact in sorted(contacts, key=lambda contact: contact["id"]):
        recognise(work, contact)
    if contacts:
        learn(work, [told_by_contact(contact) for contact in contacts])
    if refused and job.input["only_unassigned"]:
        absent = sorted({*job.input.get("absent", ()), *(member for _, member in refused)})
        start_handing_over(work, choose_again(work, refused, absent=absent), only_unassigned=True, absent=absent)
    done = job.checkpoint.get("done", 0) + AT_ONCE
    if done >= len(job.input["leads"]):
        job.finish(leads=len(job.input["leads"]))
    else:
        job.checkpoint = {"done": done}


def _hand_over(work: Any, contact_id: str, to: str, *, only_unassigned: bool) -> Any:
    """Change a contact as it stands now; who was archived, merged or taken meanwhile is left.

    A team member who does not work there any more is answered as `refused`.
    """
    for _ in range(TRIES):
        try:
            contact = work.ask(people.get_contact, contact_id=contact_id)
            if only_unassigned and contact["assigned_to"]:
                return contact
            return work.ask_at(contact["version"], people.change_contact, contact_id=contact_id, assigned_to=to)
        except Stale:
            continue
        except Invalid:
            return {"refused": [contact_id, to]}
        except (NotFound, Merged, Conflict):
            return None
    raise Unavailable("The contact changes faster than it can be read.")
