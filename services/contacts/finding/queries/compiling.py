"""A filter becomes one condition in SQL, or is refused with the place of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field as fresh
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from chassis.pages import by_hash
from contracts.errors import Forbidden, Invalid
from services.contacts.finding.queries.almanac import Almanac
from services.contacts.finding.queries.conditions import condition_of
from services.contacts.finding.queries.fields import Field
from services.contacts.finding.rules.operators import NEGATIVE, OPERATORS, ZONED, operator_of, passes_with_time
from services.contacts.finding.rules.values import Unfit, read_value


@dataclass
class Compiled:
    """`where` is over contacts, outer joined with facts when `of_facts`; `fields` are those that it asks about.

    `passes`: whether another day alone may change who matches; `zoned`: whether it matters where a day begins.
    """

    where: ColumnElement[bool]
    of_facts: bool
    passes: bool
    zoned: bool
    fields: frozenset[str]


def anything(_permission: str) -> bool:
    """What the house asks for itself it may."""
    return True


NOBODY = Compiled(false(), False, False, False, frozenset())


@dataclass
class _Compiler:
    fields: Mapping[str, Field]
    almanac: Almanac
    may: Callable[[str], bool]
    faults: list[dict[str, str]] = fresh(default_factory=list)
    withheld: list[dict[str, str]] = fresh(default_factory=list)
    used: set[str] = fresh(default_factory=set)
    of_facts: bool = False
    passes: bool = False
    zoned: bool = False

    def group(self, group: Mapping[str, Any], negated: bool, at: str) -> ColumnElement[bool]:
        """Push `not` down to the rules, where it is exact: a null would be lost under a NOT of SQL."""
        negated ^= bool(group["not"])
        parts = [
            self.group(member, negated, f"{at}/rules/{place}")
            if "rules" in member
            else self.rule(member, negated, f"{at}/rules/{place}")
            for place, member in enumerate(group["rules"])
        ]
        if not parts:
            return false() if negated else true()
        return and_(*parts) if (group["combinator"] == "and") != negated else or_(*parts)

    def rule(self, rule: Mapping[str, Any], negated: bool, at: str) -> ColumnElement[bool]:
        field = self.fields.get(rule["field"])
        if field is None:
            return self._refuse(f"{at}/field", "There is no such field.")
        if field.needs is not None and not self.may(field.needs):
            self.withheld.append({"pointer": f"{at}/field", "detail": f"It needs the permission {field.needs}."})
            return false()
        operator = operator_of(field.type, rule["operator"])
        if operator is None:
            known = ", ".join(one.name for one in OPERATORS[field.type])
            return self._refuse(f"{at}/operator", f"This field takes {known}.")
        try:
            value = _fitting(field, read_value(field.type, operator, rule["value"]))
            positive = NEGATIVE.get(operator.name, operator.name)
            turned = negated != (operator.name in NEGATIVE)
            condition = condition_of(field, positive, value, self.almanac, negated=turned)
        except Unfit as fault:
            return self._refuse("/".join([f"{at}/value", *map(str, fault.at)]), fault.detail)
        self.used.add(field.name)
        self.of_facts |= field.of_facts
        self.passes |= passes_with_time(field.type, operator.name) or field.until is not None
        self.zoned |= field.type in ZONED or field.until is not None
        if not turned:
            return by_hash(condition) if field.by_hash and positive != "null" else condition
        # A NOT EXISTS can become an anti-join; everything but that and counts may be null, which is no match either.
        never_null = field.through is not None or field.counts is not None
        return not_(condition) if never_null else condition.isnot(True)

    def _refuse(self, pointer: str, detail: str) -> ColumnElement[bool]:
        self.faults.append({"pointer": pointer, "detail": detail})
        return false()


def compile_filter(
    filter: Mapping[str, Any],
    fields: Mapping[str, Field],
    almanac: Almanac,
    at: str = "/filter",
    *,
    may: Callable[[str], bool] = anything,
) -> Compiled:
    """Compile a filter whose shape was judged by its contract; `at` is where it stands in the request.

    What a field is kept to by a permission that one `may` not have is Forbidden.
    """
    compiler = _Compiler(fields, almanac, may)
    where = compiler.group(filter, False, at)
    if compiler.withheld:
        raise Forbidden("The filter asks about what is not shown to you.", compiler.withheld)
    if compiler.faults:
        raise Invalid("The filter makes no sense as it stands.", compiler.faults)
    return Compiled(where, compiler.of_facts, compiler.passes, compiler.zoned, frozenset(compiler.used))


def _fitting(field: Field, value: Any) -> Any:
    """The value as the field keeps it; one that is not among its choices is refused."""
    if field.type not in ("text", "choice", "set") or value is None:
        return value
    if isinstance(value, list):
        return [_one_fitting(field, one, place) for place, one in enumerate(value)]
    return _one_fitting(field, value)


def _one_fitting(field: Field, value: str, *at: int) -> str:
    if field.choices and value not in field.choices:
        raise Unfit(f"One of {', '.join(field.choices)} is needed.", *at)
    try:
        return field.reads(value)
    except Unfit as fault:
        raise Unfit(fault.detail, *at) from None
