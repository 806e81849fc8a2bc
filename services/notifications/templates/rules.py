"""How a template becomes a text: merge fields filled in by a sandbox that knows few words, HTML cleaned after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.environment import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from contracts.contacts.settings import LABELS
from contracts.errors import Invalid

MERGE_FIELDS: Mapping[str, Mapping[str, str]] = {
    "contact": {"first_name": "Ada", "display_name": "Ada Lovelace", "email": "ada@example.com"},
    "business": {"name": "Rapport"},
    "sender": {"name": "Grace Hopper"},
    "labels": LABELS,
}
"""Every merge field, with what a preview for nobody in particular shows."""

_FILTERS = frozenset({"default", "d", "upper", "lower", "title", "capitalize", "trim", "e", "escape"})
_TESTS = frozenset({"defined", "undefined"})
_WORDS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If, nodes.CondExpr, nodes.Const,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Keyword,
)  # fmt: skip
"""No loops, no arithmetic, no calls: a template costs no more than its length."""

_STYLED = {"style", "align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing", "class"}
_ATTRIBUTES = {tag: nh3.ALLOWED_ATTRIBUTES.get(tag, set()) | _STYLED for tag in nh3.ALLOWED_TAGS}
_STYLES = {
    "background-color", "border", "border-radius", "color", "display", "font-family", "font-size", "font-style",
    "font-weight", "height", "letter-spacing", "line-height", "margin", "max-width", "padding", "text-align",
    "text-decoration", "vertical-align", "width",
}  # fmt: skip


@dataclass(frozen=True)
class Wording:
    """The three texts of a message, before or after the merge fields are filled in."""

    subject: str
    body_text: str
    body_html: str | None


def check(wording: Wording) -> None:
    """Refuse a template that is not Jinja, or that asks for what no message has; every fault is named."""
    errors = []
    for part, source in _parts(wording):
        try:
            _refuse_unknown_words(_environment(part).parse(source))
            _compiled(part, source)
        except (TemplateSyntaxError, ValueError) as error:
            errors.append({"pointer": f"/{part}", "detail": str(error)})
        except (RecursionError, MemoryError, SyntaxError):
            errors.append({"pointer": f"/{part}", "detail": "Nested too deeply."})
    if errors:
        raise Invalid("The template cannot be used as it stands.", errors)


def render(wording: Wording, merge: Mapping[str, Mapping[str, str]]) -> Wording:
    """Fill in the merge fields; a field that this contact does not have is refused unless a default is given."""
    done, errors = {}, []
    for part, source in _parts(wording):
        try:
            done[part] = _compiled(part, source).render(merge)
        except UndefinedError as error:
            detail = f"{error.message} Give it a default: {{{{ contact.first_name | default('there') }}}}."
            errors.append({"pointer": f"/{part}", "detail": detail})
        except (TemplateError, RecursionError, TypeError) as error:
            errors.append({"pointer": f"/{part}", "detail": f"The template cannot be filled in: {error}"})
    if errors:
        raise Invalid("The template cannot be filled in for this contact.", errors)
    html = done.get("body_html")
    return Wording(one_line(done["subject"]), done["body_text"], None if html is None else clean(html))


def one_line(text: str) -> str:
    """A subject is one line of visible characters, so that it can never become a second header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clean(html: str) -> str:
    """Take everything out of HTML that could run, load in secret or lie about where it leads."""
    return nh3.clean(
        html,
        attributes=_ATTRIBUTES,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel"},
    )


def _parts(wording: Wording) -> list[tuple[str, str]]:
    parts = [("subject", wording.subject), ("body_text", wording.body_text)]
    return parts if wording.body_html is None else [*parts, ("body_html", wording.body_html)]


@lru_cache
def _environment(part: str) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=part == "body_html", keep_trailing_newline=True
    )


@lru_cache(maxsize=256)
def _compiled(part: str, source: str) -> Template:
    return _environment(part).from_string(source)


def _refuse_unknown_words(tree: nodes.Template) -> None:
    known = {f"{thing}.{field}" for thing, fields in MERGE_FIELDS.items() for field in fields}
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _WORDS):
            raise ValueError(f"Line {node.lineno}: templates know merge fields and `if`, not {_named(node)}.")
        _refuse_word(node, known)
    fields = [node for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)]
    if len(list(tree.find_all(nodes.Name))) > len(fields):
        raise ValueError(f"A merge field has two parts. There are: {', '.join(sorted(known))}.")


def _refuse_word(node: Any, known: set[str]) -> None:
    if isinstance(node, nodes.Getattr):
        asked = f"{getattr(node.node, 'name', '…')}.{node.attr}"
        if asked not in known:
            raise ValueError(f"Line {node.lineno}: no merge field {asked}. There are: {', '.join(sorted(known))}.")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise ValueError(f"Line {node.lineno}: no filter {node.name}. There are: {', '.join(sorted(_FILTERS))}.")
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        raise ValueError(f"Line {node.lineno}: no test {node.name}. There are: {', '.join(sorted(_TESTS))}.")


def _named(node: Any) -> str:
    return type(node).__name__.lower()
