"""The words that every contract is written in: Rpc, Event, Schema, Page and the field types."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema as MarshmallowSchema, ValidationError, fields, post_load, validate

from contracts.dumping import Writing

PUBLIC = "public"
"""`needs=PUBLIC`: nobody has to be signed in."""
SIGNED_IN = "signed_in"
"""`needs=SIGNED_IN`: any signed-in actor, whatever the role."""


class Request(dict[str, Any]):
    """What a caller sent, loaded: `request.name` is None when a known field was not sent; `"name" in request` tells."""

    __slots__ = ("known",)
    known: frozenset[str]

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            if name in self.known:
                return None
            raise AttributeError(name) from None


class Schema(MarshmallowSchema):
    """A marshmallow schema that refuses unknown fields and loads into a `Request`."""

    class Meta:
        unknown = RAISE

    @post_load
    def _as_request(self, data: dict[str, Any], **_: Any) -> Request:
        request = Request(data)
        request.known = self._known
        return request

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """A dict has what it holds and nothing else: without `values` in it, its method of that name is not meant."""
        return obj.get(attr, default) if type(obj) is dict else super().get_attribute(obj, attr, default)

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        """As marshmallow does, and between the same hooks."""
        return [self.written(one) for one in obj] if many and obj is not None else self.written(obj)

    @cached_property
    def written(self) -> Writing:
        """Writes one thing as plain data."""
        return Writing(self)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(f.attribute or name for name, f in self.load_fields.items())


class Text(fields.String):
    """Text trimmed at both ends, in NFC; `max` characters at most, `min` at least; no control characters.

    `multiline=True` keeps line feeds and tabs.
    """

    def __init__(self, *, max: int = 200, min: int = 0, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        checks = [validate.Length(min=min or None, max=max)]
        extra = kwargs.pop("validate", None)
        if extra is not None:
            checks += extra if isinstance(extra, (list, tuple)) else [extra]
        super().__init__(validate=checks, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs)).strip()
        allowed = "\n\r\t" if self.multiline else ""
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in text):
            raise ValidationError("Control characters and lone surrogates are not allowed.")
        return text


class Boolean(fields.Boolean):
    """true or false, as JSON has them: neither 1 nor "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Id(fields.UUID):
    """A UUID, loaded and dumped as its canonical lower-case string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # type: ignore[override]
        if not isinstance(value, str):
            raise self.make_error("invalid_uuid")
        return str(super()._deserialize(value, attr, data, **kwargs))


class Moment(fields.AwareDateTime):
    """An instant, RFC 3339, of the years 1 to 9999 in UTC; a naive one is refused; dumped in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", default_timezone=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        try:
            moment.astimezone(dt.UTC)
        except OverflowError:  # it would be kept, and never be read again
            raise self.make_error("invalid", input=value, obj_type="datetime") from None
        return moment

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return f"{value.astimezone(dt.UTC).isoformat()[:-6]}Z"  # +00:00


class LocalTime(fields.NaiveDateTime):
    """A day and a time of the day as the clocks of a place show them; a day alone is refused, and so is an offset."""

    default_error_messages = {"only_a_day": "A date with a time of the day, such as 2026-12-01T18:00:00."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:
        try:
            dt.date.fromisoformat(value)
        except (TypeError, ValueError):  # not a day alone
            return super()._deserialize(value, attr, data, **kwargs)
        raise self.make_error("only_a_day")


class Money(Schema):
    """An exact amount: `amount` in minor units (cents) of `currency` (ISO 4217)."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**12))
    currency = fields.String(required=True, validate=validate.Regexp(r"\A[A-Z]{3}\Z"))


class PageRequest(Schema):
    """Asking for one page of a list: at most `limit` items after the opaque `cursor`."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(validate=validate.Length(max=2000))


class AskedBy(Schema):
    """In whose name a service asks another."""

    id = fields.String(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)


def in_the_name_of() -> fields.Field:
    """The member `asked_by`, from services alone; a write that has it names it among what is `incidental`."""
    return fields.Nested(AskedBy, metadata={"filled_by": "service", "description": "for whom a service asks"})


class Sort(fields.String):
    """In which order a list comes: one of these words, the first where nothing is said; a minus turns it round."""

    def __init__(self, *orders: str, **kwargs: Any) -> None:
        super().__init__(load_default=orders[0], validate=validate.OneOf(orders), **kwargs)


class Changes(fields.Dict):
    """What a change changed: `{field: {"before": …, "after": …}}`; events of before it was told have none."""

    def __init__(self, **kwargs: Any) -> None:
        values = fields.Dict(keys=fields.String())
        super().__init__(keys=fields.String(), values=values, load_default=dict, **kwargs)


class Nothing(Schema):
    """No fields at all."""


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """A list's answer: `items`, and `next`, the cursor of the following page or null at the end."""
    members = {"items": fields.List(fields.Nested(item), required=True), "next": fields.String(allow_none=True)}
    return type(f"{item.__name__}Page", (Schema,), members)


@dataclass(frozen=True, eq=False)
class Rpc:
    """One question or command that a service answers.

    `needs` is the permission (see `contracts.access`) or PUBLIC or SIGNED_IN; `writes=False` is answered outside a
    transaction and needs no idempotency key; `deadline` is in seconds, counted from the first caller; with
    `remembered=False` the answer, because it holds a secret, is not kept under the idempotency key. `incidental` are
    members that the same request may have otherwise when it is sent again.
    """

    service: str
    name: str
    needs: str
    takes: type[Schema] = Nothing
    gives: type[Schema] = Nothing
    raises: tuple[type[Exception], ...] = ()
    writes: bool = True
    deadline: float = 5.0
    about: str = ""
    remembered: bool = True
    incidental: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"


AnySchema = type[Schema]  # inside Event, `type` is the event's


@dataclass(frozen=True, eq=False)
class Event:
    """One kind of fact that a service announces on the exchange `<service>.events`.

    `type` is `<thing>.<what happened>`; the subject is the id of the contact that it is about, or none.
    """

    service: str
    type: str
    data: AnySchema
    about: str = ""
    personal: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return self.type

    def load(self, data: dict[str, Any]) -> Request:
        """Read received data, forgiving fields that a newer version added."""
        return self.data(unknown=EXCLUDE).load(data)
