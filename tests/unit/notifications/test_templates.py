"""What a template may say, and what comes of it."""

from __future__ import annotations

import pytest

from contracts.errors import Invalid
from services.notifications.templates import rules
from services.notifications.templates.rules import MERGE_FIELDS, Wording

pytestmark = pytest.mark.requirement("N04")


def filled_in(*, subject: str = "Hello", text: str = "Hi", html: str | None = None, **contact: str) -> Wording:
    wording = Wording(subject, text, html)
    rules.check(wording)
    return rules.render(wording, MERGE_FIELDS | {"contact": contact})


def test_merge_fields_are_filled_in_everywhere() -> None:
    made = filled_in(subject="Hi {{ contact.first_name }}", text="{{contact.email}}",
                     html="<p>{{ contact.first_name }}</p>", first_name="Ada", email="a@b.c")  # fmt: skip
    assert made == Wording("Hi Ada", "a@b.c", "<p>Ada</p>")


def test_a_field_that_the_contact_lacks_is_refused_and_named() -> None:
    with pytest.raises(Invalid) as refusal:
        filled_in(text="Hi {{ contact.first_name }}", display_name="Ada")
    assert refusal.value.errors[0]["pointer"] == "/body_text"
    assert "first_name" in refusal.value.errors[0]["detail"]


def test_a_default_stands_in_for_a_field_that_the_contact_lacks() -> None:
    assert filled_in(text="Hi {{ contact.first_name | default('there') }}").body_text == "Hi there"
    assert filled_in(text="{% if contact.first_name is defined %}A{% else %}B{% endif %}").body_text == "B"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ contact.password }}", "no such field"),
        ("{{ contact }}", "not a field at all"),
        ("{{ config }}", "no such thing"),
        ("{{ contact.__class__ }}", "the way out of a sandbox"),
        ("{{ contact.first_name.__class__ }}", "the same a step further"),
        ("{{ contact['first_name'] }}", "one way to name a field is enough"),
        ("{{ ''.join }}", "methods of a text"),
        ("{{ 'a' * 1000000000 }}", "fills the memory"),
        ("{{ 9 ** 99999999 }}", "takes for ever"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "takes for ever"),
        ("{% include 'x' %}", "no other templates"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "no recursion"),
        ("{% set x = 1 %}", "nothing to remember"),
        ("{{ contact.first_name | replace('', 'aaaaaa') }}", "a filter that grows the text"),
        ("{{ contact.first_name | nonsense }}", "no such filter"),
        ("{{ contact.first_name", "not closed"),
        ("{% if %}", "no condition"),
        ("{{ " + "(" * 50_000, "too deep for the parser"),
        ("{% if contact.email %}" * 150 + "x" + "{% endif %}" * 150, "too deep for the compiler"),
        ("{{ " + "not " * 50_000 + "contact.email }}", "too deep for the parser"),
    ],
)
def test_a_template_that_knows_too_much_is_refused_at_its_place(source: str, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check(Wording("Hello", source, None))
    assert [error["pointer"] for error in refusal.value.errors] == ["/body_text"], why


def test_every_faulty_part_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check(Wording("{{ a }}", "{{ b }}", "{{ c }}"))
    assert [error["pointer"] for error in refusal.value.errors] == ["/subject", "/body_text", "/body_html"]


def test_what_a_contact_is_called_cannot_become_markup() -> None:
    made = filled_in(html="<p>{{ contact.first_name }}</p>", first_name="<script>alert(1)</script>")
    assert made.body_html == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_what_a_contact_is_called_is_not_a_template() -> None:
    assert (
        filled_in(text="{{ contact.first_name }}", first_name="{{ contact.email }}").body_text == "{{ contact.email }}"
    )


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>Hi", "Hi"),
        ('<img src="x" onerror="alert(1)">', '<img src="x">'),
        ('<a href="javascript:alert(1)">go</a>', '<a rel="noopener noreferrer">go</a>'),
        ("<iframe src='https://x.example'></iframe>", ""),
        ('<p style="color: red; position: fixed">Hi</p>', '<p style="color:red">Hi</p>'),
    ],
)
def test_html_keeps_its_looks_and_loses_its_teeth(html: str, left: str) -> None:
    assert rules.clean(html) == left


@pytest.mark.parametrize("first_name", ["A\r\nBcc: all@example.com", "A\nB", "A\u2028B", "A\x00B", "A\x0bB"])
def test_a_subject_stays_one_line(first_name: str) -> None:
    subject = filled_in(subject="Hi {{ contact.first_name }}", first_name=first_name).subject
    assert subject.isprintable()
    assert subject.startswith("Hi A B")
