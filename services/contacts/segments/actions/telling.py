"""Who entered or left is told with the cause; a system tag is put on and taken off instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from contracts.contacts.segments import segment_entered, segment_left
from services.contacts.segments.queries.defined import Definition
from services.contacts.tags.actions import apply_system_tags, drop_system_tags

Cause = dict[str, Any]


def tell_alike(work: Any, definition: Definition, entered: Sequence[str], left: Sequence[str], words: str) -> None:
    """All for the same cause."""
    if definition.tag is not None:
        _tag(work, definition.tag, entered, left, {one: {"words": words} for one in (*entered, *left)})
        return
    told = {"segment_id": definition.id, "name": definition.name, "cause": {"words": words}}
    work.record_alike(segment_entered, entered, **told)
    work.record_alike(segment_left, left, **told)


def tell_each(
    work: Any, definition: Definition, entered: Collection[str], left: Collection[str], causes: Mapping[str, Cause]
) -> None:
    """Each for a cause of its own."""
    if definition.tag is not None:
        _tag(work, definition.tag, entered, left, causes)
        return
    told = {"segment_id": definition.id, "name": definition.name}
    work.record_many(segment_entered, [(one, told | {"cause": causes[one]}) for one in entered])
    work.record_many(segment_left, [(one, told | {"cause": causes[one]}) for one in left])


def _tag(work: Any, tag: str, entered: Collection[str], left: Collection[str], causes: Mapping[str, Cause]) -> None:
    apply_system_tags(work, {contact_id: [tag] for contact_id in entered}, causes)
    drop_system_tags(work, {contact_id: [tag] for contact_id in left}, causes)
