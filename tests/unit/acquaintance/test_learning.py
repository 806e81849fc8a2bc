"""What is remembered of a contact does not depend on the order in which it was heard."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from services.acquaintance.rules import KnownContact, News, learn
from tests.builders.examples import examples

ANA = "ana"


def news(version: int, **told: object) -> News:
    return News(ANA, version, **told)  # type: ignore[arg-type]


@st.composite
def stories(draw: st.DrawFn) -> list[News]:
    """A contact's life: created, then renamed, given another e-mail, or something that does not tell the name."""
    story = [news(1, display_name="Ana 1")]
    for version in range(2, 2 + draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["name", "emails", "source", "lifecycle"]))
        if kind == "lifecycle":
            story.append(news(version))
        else:
            name = f"Ana {version}" if kind == "name" else story_name(story)
            story.append(news(version, display_name=name, changed=frozenset({kind})))
    return story


def story_name(story: list[News]) -> str:
    return next(item.display_name for item in reversed(story) if item.display_name)


def email_at(story: list[News], version: int) -> str:
    return f"{max([1] + [n.version for n in story if 'emails' in n.changed and n.version <= version])}@example.com"


@settings(max_examples=examples(500))
@given(st.data())
def test_the_newest_name_stays_and_a_complete_memory_is_never_wrong(data: st.DataObject) -> None:
    story = data.draw(stories())
    arriving = data.draw(st.permutations(story + data.draw(st.lists(st.sampled_from(story), max_size=3))))
    asked_at = data.draw(st.integers(1, len(story)))
    asked_after = data.draw(st.integers(0, len(arriving)))
    known: KnownContact | None = None
    for nth, item in enumerate([*arriving, None]):
        if nth == asked_after and (known is None or known.version <= asked_at):
            name = story_name(story[:asked_at])
            known = KnownContact(ANA, name, email=email_at(story, asked_at), version=asked_at, complete=True)
        if item is not None:
            known = learn(known, item)
    assert known is not None
    assert known.display_name == story_name(story)
    if known.complete:
        assert known.email == email_at(story, len(story))


def test_news_that_follows_at_once_and_is_of_no_matter_keeps_a_memory_complete() -> None:
    known = KnownContact(ANA, "Ana", email="ana@example.com", version=4, complete=True)
    assert learn(known, news(5, display_name="Ana", changed=frozenset({"source"}))).complete  # type: ignore[union-attr]
    assert learn(known, news(5)).version == 5  # type: ignore[union-attr]


def test_another_e_mail_or_a_gap_makes_a_memory_incomplete() -> None:
    known = KnownContact(ANA, "Ana", email="ana@example.com", version=4, complete=True)
    assert not learn(known, news(5, display_name="Ana", changed=frozenset({"emails"}))).complete  # type: ignore[union-attr]
    assert not learn(known, news(6, display_name="Ana")).complete  # type: ignore[union-attr]
    assert not learn(known, news(6)).complete  # type: ignore[union-attr]


@pytest.mark.requirement("C39")
def test_an_archiving_that_is_heard_of_late_counts_unless_a_newer_standing_is_known() -> None:
    known = KnownContact(ANA, "Ana", version=7)
    late = learn(known, News(ANA, 6, "Ana", "archived", frozenset({"standing"})))
    assert late is not None
    assert (late.standing, late.version) == ("archived", 7)
    assert learn(late, News(ANA, 5, "Ana", "active", frozenset({"standing"}))) == late
