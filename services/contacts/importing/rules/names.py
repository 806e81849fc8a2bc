"""Who a row is about: a person, whose name may stand in one cell, or a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nameparser import HumanName
from nameparser.config import Constants

from services.contacts.contact.rules import fold

_NAMES = ("first_name", "last_name", "preferred_name")
_CUSTOMS = Constants(titles=set(), first_name_titles=set())
"""Without titles: Baron, Prince, Sheikh and Gen are more often names."""
_TITLES = re.compile(
    r"(?:(?:mrs?|ms|miss|mx|dr|prof|professor|herr|frau|mme|mlle|monsieur|madame|sra?|srta|señora?)\b\.? *)+", re.I
)
_AND = re.compile(r"(?:and|und|et|y|e|&)\b", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jn?r|sn?r|ii|iii|iv|ph\.?d|esq|dds)\.?", re.IGNORECASE)
_LETTERS = r"[^\"“”„()]*[^\W\d_][^\"“”„()]*"
_NICKNAME = re.compile(rf"[\"“”„]({_LETTERS})[\"“”](?!\w)|\(({_LETTERS})\)(?=\s+\w|$)")
_ASIDE = re.compile(r"(.*\S) +(\([^()]*\))")
_WHOM = r"(?:number|count|of|clients?|members?|customers?|contacts?|people|records?|kunden|mitglieder|kontakte)"
_COUNT = re.compile(
    rf"(?:(?:grand|sub)\W?)?totals?(?:\W+{_WHOM})*\W*[\d.,]*|\d+ {_WHOM}"
    rf"|(?:summe|gesamt|gesamtzahl|anzahl)(?:\W+{_WHOM})*\W*[\d.,]*",
    re.IGNORECASE,
)


def name_of_a_count(given: Mapping[str, Any], external_id: str | None = None) -> str | None:
    """The field in whose place a line under the list counts it; whoever can be reached or was born is somebody.

    Some say so where others have their id, and leave to the name how many they are.
    """
    if any(map(given.get, ("emails", "phones", "birthday"))):
        return None
    called = [name for name in ("full_name", "first_name", "last_name") if given.get(name)]
    if external_id and not any(map(str.isalpha, "".join(given[name] for name in called))):
        return "external_id" if _COUNT.fullmatch(external_id) else None
    return called[0] if len(called) == 1 and _COUNT.fullmatch(given[called[0]]) else None


def settle_name(given: dict[str, Any], said: list[str]) -> str:
    """Settle who it is, a row with a company and no name of a person being the company; tell a person's company.

    What of a whole name has no field goes to `said`.
    """
    middle, full, company = (given.pop(name, "") for name in ("middle_name", "full_name", "company"))
    if full and not (given.get("first_name") or given.get("last_name")):
        _settle_whole(given, full, said)
    elif full and not _words(full) <= _words(" ".join([middle, company, *(given.get(name, "") for name in _NAMES)])):
        said.append(f"Name: {full}")
    if middle:
        given["first_name"] = f"{given.get('first_name', '')} {middle}".strip()
    is_person = any(given.get(name) for name in ("first_name", "last_name", "preferred_name", "birthday", "gender"))
    given["kind"] = "company" if company and not is_person else "person"
    if company and not is_person:
        given["name"] = company
    return company if is_person else ""


def _settle_whole(given: dict[str, Any], full: str, said: list[str]) -> None:
    parts = named(full)
    if title := parts.pop("title", ""):
        said.append(f"Title: {title}")
    if given.get("preferred_name") and (nickname := parts.pop("preferred_name", "")):
        said.append(f"Nickname: {nickname}")
    given |= parts


def named(full: str) -> dict[str, str]:
    """Take a whole name apart, no word of it being lost: `Last, First` by its comma, else by the customs of names.

    A suffix stays with the last name; a nickname is the preferred name; a `title` has no field of a contact.
    """
    if not any(c.isalpha() for c in full) or not full[:1].isalpha():
        return {"first_name": full}
    nickname, rest = _nickname_in(full)
    title, rest = _title_of(rest)
    parts = list(filter(None, map(str.strip, rest.split(","))))
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    parts = [part for part in parts if part not in suffixes]
    if "," not in rest or (suffixes and len(parts) == 1 and " " in parts[0]):
        names = _by_custom(" ".join([*parts, *suffixes]), only_last=bool(title))
    else:
        of_first, first = _title_of(", ".join(parts[1:]), alone=True)
        title = " ".join(filter(None, [title, of_first]))
        first, suffix = _suffix_of(first)
        names = {"first_name": first, "last_name": " ".join(filter(None, [*parts[:1], suffix, *suffixes]))}
    return {name: text for name, text in {**names, "preferred_name": nickname, "title": title}.items() if text}


def _by_custom(name: str, *, only_last: bool) -> dict[str, str]:
    """Tell first from last name without a comma; a single word is a last name after a title."""
    if " " not in name:
        return {"last_name" if only_last else "first_name": name}
    found = _ASIDE.fullmatch(name)
    bare, aside = found.groups() if found else (name, "")
    if " " not in bare:
        return {"first_name": name}
    read = HumanName(bare, constants=_CUSTOMS)
    first, last = " ".join([read.first, read.middle]).split(), " ".join([read.last, read.suffix]).split()
    if sorted([*first, *last]) != sorted(bare.split()):  # it left out what it does not understand
        *first, only = bare.split()
        last = [only]
    return {"first_name": " ".join(first), "last_name": " ".join([*last, *filter(None, [aside])])}


def _nickname_in(full: str) -> tuple[str, str]:
    """Take out what stands in quotes, or in brackets among the first names; after the whole name it is an aside."""
    found = _NICKNAME.search(full)
    if not found or (found[2] and found.end() == len(full) and "," not in full):
        return "", full
    return (found[1] or found[2]).strip(), " ".join(f"{full[: found.start()]} {full[found.end() :]}".split())


def _title_of(text: str, *, alone: bool = False) -> tuple[str, str]:
    found = _TITLES.match(text)
    rest = text[found.end() :] if found else text
    if not found or _AND.match(rest) or not (rest[:1].isalpha() or (alone and not rest)):
        return "", text
    return found[0].strip(), rest


def _suffix_of(first: str) -> tuple[str, str]:
    *before, last = first.split(" ")
    return (" ".join(before), last) if before and _SUFFIX.fullmatch(last) else (first, "")


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))
