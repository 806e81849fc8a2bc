"""Putting tags on contacts and taking them off: by hand, by thousands, and by the system."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.rows import array_of, rows_of
from contracts.contacts import tags as published
from services.contacts.contact.actions import hold_contact
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.tags.queries import names_of
from services.contacts.tags.rules import SYSTEM_TAGS, as_shown, key_for_hands, key_of, not_for_hands

_tags: Any = Tag.__table__
_contact_tags: Any = ContactTag.__table__

_ALL = "unnest(CAST(:contacts AS uuid[])) AS contact_id, unnest(CAST(:tags AS uuid[])) AS tag_id"
_CHANGED = "SELECT CAST(tag_id AS text), CAST(array_agg(contact_id) AS text[]) FROM changed GROUP BY tag_id"
_TAG_ALL = sa.text(f"""
    WITH changed AS (
        INSERT INTO contact_tags (contact_id, tag_id, tagged_at) SELECT contact_id, tag_id, :now FROM {_ALL}
        ON CONFLICT DO NOTHING RETURNING contact_id, tag_id
    ) {_CHANGED}
""")
_UNTAG_ALL = sa.text(f"""
    WITH changed AS (
        DELETE FROM contact_tags
        WHERE contact_id = ANY (CAST(:contacts AS uuid[])) AND tag_id = ANY (CAST(:tags AS uuid[]))
        RETURNING contact_id, tag_id
    ) {_CHANGED}
""")

Names = Mapping[str, Iterable[str]]
"""Names of tags by the id of the contact."""
Causes = Mapping[str, dict[str, Any]]
"""Why, by the id of the contact."""
NO_CAUSES: Causes = MappingProxyType({})


def add_tag(work: Any, request: Any) -> dict[str, Any]:
    """Put a tag on a contact; one that it has already is no event."""
    key = key_for_hands(request.tag)
    contact = hold_contact(work, request.contact_id)
    added = add_tags(work, {contact.id: [request.tag]})
    return {"contact_id": contact.id, "tags": names_of(work, contact.id), "changed": key in added.get(contact.id, {})}


def remove_tag(work: Any, request: Any) -> dict[str, Any]:
    """Take a tag off a contact, unless the system has put it on."""
    contact = hold_contact(work, request.contact_id)
    taken = remove_tags(work, {contact.id: [request.tag]})
    if not taken and key_of(request.tag) in SYSTEM_TAGS:
        raise not_for_hands(request.tag, "/tag")
    return {"contact_id": contact.id, "tags": names_of(work, contact.id), "changed": bool(taken)}


def add_tags(work: Any, names: Names) -> dict[str, dict[str, str]]:
    """Put tags of the business on many contacts at once; tell what was new: contact id → key → name as shown.

    Only what was new is announced. The system's tag of the same word is another one, and stays as it is.
    """
    wanted = _keys(names)
    return _put_on(work, wanted, _defined(work, wanted)) if wanted else {}


def remove_tags(work: Any, names: Names) -> dict[str, dict[str, str]]:
    """Take tags of the business off many contacts at once; tell what was there: contact id → key → name as shown."""
    wanted = _keys(names)
    return _take_off(work, wanted, _by_key(work, {key for _, key in wanted})) if wanted else {}


def tag_all(work: Any, contact_ids: Collection[str], names: Iterable[str]) -> set[str]:
    """Put the same tags on very many contacts that are held, in one statement; tell who did not have them all.

    What is told of them comes before anything else that this work tells of the same contacts.
    """
    return _do_to_all(work, _TAG_ALL, published.contact_tagged, contact_ids, _defined(work, _keys({"": names})))


def untag_all(work: Any, contact_ids: Collection[str], names: Iterable[str]) -> set[str]:
    """Take the same tags off very many contacts, as `tag_all` puts them on; tell who had any."""
    tags = _by_key(work, {key_of(name) for name in names})
    return _do_to_all(work, _UNTAG_ALL, published.contact_untagged, contact_ids, tags)


def _do_to_all(
    work: Any, statement: Any, event: Any, contact_ids: Collection[str], tags: Mapping[str, Any]
) -> set[str]:
    by_id = {tag.id: tag for tag in tags.values()}
    given = {"contacts": array_of(contact_ids), "tags": array_of(sorted(by_id)), "now": work.now}
    changed: dict[str, list[str]] = dict(work.session.execute(statement, given).tuples().all())
    for tag_id, several in changed.items():
        work.record_alike(event, several, tag=by_id[tag_id].name)
    return set().union(*changed.values())


def apply_system_tags(work: Any, names: Names, causes: Causes = NO_CAUSES) -> dict[str, dict[str, str]]:
    """Put tags of the system on many contacts, whose trigger holds; only what was new is announced and told."""
    wanted = _keys(names)
    return _put_on(work, wanted, _of_system(work, wanted), causes, system=True) if wanted else {}


def drop_system_tags(work: Any, names: Names, causes: Causes = NO_CAUSES) -> dict[str, dict[str, str]]:
    """Take tags of the system off many contacts, whose trigger holds no more; only what was there is announced."""
    wanted = _keys(names)
    return _take_off(work, wanted, _of_system(work, wanted), causes, system=True) if wanted else {}


def _keys(names: Names) -> dict[tuple[str, str], str]:
    return {(contact, key_of(name)): as_shown(name) for contact, several in names.items() for name in several}


def _put_on(
    work: Any, wanted: Iterable[tuple[str, str]], tags: Mapping[str, Any], causes: Causes = NO_CAUSES, **told: Any
) -> dict[str, dict]:
    given = rows_of(_contact_tags)
    new = insert(_contact_tags).from_select([c.name for c in _contact_tags.c], sa.select(*given.c))
    returned = new.on_conflict_do_nothing().returning(_contact_tags.c.contact_id, _contact_tags.c.tag_id)
    return _announce(work, published.contact_tagged, returned, _pairs(work, wanted, tags), tags, causes, told)


def _take_off(
    work: Any, wanted: Iterable[tuple[str, str]], tags: Mapping[str, Any], causes: Causes = NO_CAUSES, **told: Any
) -> dict[str, dict]:
    given = rows_of(_contact_tags, ("contact_id", "tag_id"))
    worn = (_contact_tags.c.contact_id == given.c.contact_id) & (_contact_tags.c.tag_id == given.c.tag_id)
    gone = sa.delete(_contact_tags).where(worn).returning(_contact_tags.c.contact_id, _contact_tags.c.tag_id)
    return _announce(work, published.contact_untagged, gone, _pairs(work, wanted, tags), tags, causes, told)


def _pairs(work: Any, wanted: Iterable[tuple[str, str]], tags: Mapping[str, Any]) -> list[dict[str, str]]:
    """One order for everybody, so that no two wait crosswise."""
    return [
        {"contact_id": contact, "tag_id": tags[key].id, "tagged_at": work.now.isoformat()}
        for contact, key in sorted(wanted)
        if key in tags
    ]


def _announce(
    work: Any,
    event: Any,
    statement: Any,
    pairs: list[dict[str, str]],
    tags: Mapping[str, Any],
    causes: Causes,
    told: dict[str, Any],
) -> dict[str, dict[str, str]]:
    """Do it to all of them in one statement, and tell of each contact that is otherwise now."""
    if not pairs:
        return {}
    by_id = {tag.id: tag for tag in tags.values()}
    changed: dict[str, dict[str, str]] = {}
    for contact, tag_id in work.session.execute(statement, {"given": pairs}).all():
        tag = by_id[tag_id]
        changed.setdefault(contact, {})[tag.key] = tag.name
    for contact, some in changed.items():
        why = {"cause": causes[contact]} if contact in causes else {}
        work.record_many(event, [(contact, {"tag": name, **told, **why}) for name in some.values()])
    return changed


def _defined(work: Any, wanted: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Give the tags of these keys, made where there are none; always in one order, so that no two wait crosswise."""
    names = {key: name for (_, key), name in wanted.items()}
    found = _by_key(work, names)
    missing = [key for key in sorted(names) if key not in found]
    if missing:
        rows = [{"id": new_id(), "name": names[key], "key": key} for key in missing]
        work.session.execute(insert(_tags).on_conflict_do_nothing(), rows)
        found = _by_key(work, names)
    return found


def _of_system(work: Any, wanted: Iterable[tuple[str, str]]) -> dict[str, Any]:
    keys = {key for _, key in wanted}
    if unknown := keys - set(SYSTEM_TAGS):
        raise ValueError(f"The system has no tags {sorted(unknown)}.")
    return _by_key(work, keys, system=True)


def _by_key(work: Any, keys: Iterable[str], *, system: bool = False) -> dict[str, Any]:
    select = sa.select(_tags.c.id, _tags.c.key, _tags.c.name)
    rows = work.session.execute(select.where(_tags.c.key.in_(sorted(keys)), _tags.c.system.is_(system)))
    return {row.key: row for row in rows}
