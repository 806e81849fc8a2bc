"""Reading contacts for a file, and what was exported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis import storage
from chassis.jobs import OVERSEES
from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import Conflict, NotFound
from services.contacts.card.queries.reading import CARDS, shown
from services.contacts.contact.model import Contact
from services.contacts.exporting.model import Export
from services.contacts.exporting.rules import columns_for, withheld_from
from services.contacts.facts.model import Facts
from services.contacts.fields.queries import all_fields
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.team.model import TeamMember

PREFIX = "exports"
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def contacts_to_write(work: Any, contact_ids: Sequence[str]) -> list[dict[str, Any]]:
    """These contacts, whole, by id, with tags and facts; four statements for all."""
    rows = work.session.execute(CARDS.where(Contact.id.in_(contact_ids)).order_by(Contact.id))
    cards = [shown(row, work.now) for row in rows]
    tags, facts, names = _tags(work, contact_ids), _facts(work, contact_ids), _assignees(work, cards)
    return [
        {
            **card,
            "tags": tags[card["id"]],
            "facts": facts.get(card["id"], {}),
            "assignee": names.get(card["assigned_to"]),
        }
        for card in cards
    ]


def _tags(work: Any, contact_ids: Sequence[str]) -> dict[str, list[str]]:
    """Those of the business: what the system puts on and takes off is not carried elsewhere."""
    tagged = select(ContactTag.contact_id, Tag.name).join(Tag, Tag.id == ContactTag.tag_id)
    wanted = tagged.where(ContactTag.contact_id.in_(contact_ids), ~Tag.system).order_by(Tag.key, Tag.id)
    found = defaultdict(list)
    for contact_id, name in work.session.execute(wanted):
        found[contact_id].append(name)
    return found


def _facts(work: Any, contact_ids: Sequence[str]) -> dict[str, Any]:
    known = select(Facts.__table__).where(Facts.contact_id.in_(contact_ids))
    return {row["contact_id"]: row for row in work.session.execute(known).mappings()}


def _assignees(work: Any, cards: Sequence[dict[str, Any]]) -> dict[str, str]:
    ids = {card["assigned_to"] for card in cards if card["assigned_to"]}
    named = select(TeamMember.id, TeamMember.name).where(TeamMember.id.in_(ids))
    return {row.id: row.name for row in work.session.execute(named)} if ids else {}


def list_export_columns(work: Any, _request: Any) -> dict[str, Any]:
    """Tell every column that whoever asks may have."""
    columns, withheld = columns_for(all_fields(work)), withheld_from(work.actor.may)
    shown = {name: column.headers for name, column in columns.items() if name not in withheld}
    return {"items": [{"name": name, "headers": headers} for name, headers in shown.items()]}


def get_export(work: Any, request: Any) -> Export:
    """Give one, to whom started it and to who runs the place."""
    export: Export | None = work.session.get(Export, request.export_id)
    if export is None or not (work.actor.may(OVERSEES) or export.started_by == work.actor.id):
        raise NotFound("There is no such export.")
    return export


def list_exports(work: Any, request: Any) -> dict[str, Any]:
    """List one's own, or everybody's."""
    statement = narrowed(select(Export), request, Export.format)
    if not work.actor.may(OVERSEES):
        statement = statement.where(Export.started_by == work.actor.id)
    return page_of(work, statement, keys_for(request.sort, oldest=[Export.id]), request)


def get_export_file(work: Any, request: Any) -> dict[str, Any]:
    """Tell where the file is."""
    export = get_export(work, request)
    if export.rows is None or export.kept_until is None:
        raise Conflict("The file is not ready.")
    if export.kept_until <= work.now:
        raise NotFound("The file is no longer kept; export again.")
    return {
        "file_key": storage.key_of(PREFIX, export.id),
        "file_name": export.file_name,
        "media": MEDIA[export.format],
    }
