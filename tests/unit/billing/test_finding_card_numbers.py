"""What is a card number is found however it is written, and what only has as many digits is let in."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import pytest

from contracts.billing.card_numbers import looks_like_card_number
from contracts.billing.promo_codes import CreatePromoCode

pytestmark = pytest.mark.requirement("B04")
FOR_TESTS = [
    "4242424242424242", "4000056655665556", "4000002500003155", "4000000000000002", "5555555555554444",
    "2223003122003222", "5200828282828210", "5105105105105100", "378282246310005", "371449635398431",
    "6011111111111117", "6011000990139424", "6011981111111113", "3056930009020004", "36227206271667",
    "6555900000604105", "3566002020360505", "6200000000000005", "6200000000000047", "6205500000000000004",
    "4222222222222", "6759649826438453",
]  # fmt: skip
"""The numbers that Stripe gives for tests, one of Visa's short ones, and one of Maestro's."""
GAPS = [
    " ", "  ", "-", ".", "/", "_", ",", " - ", "\t", "\n", "\u00a0", "\u2009", "\u2013", "\u2014", "\u2212", "\u200b",
]  # fmt: skip
MANY = 4000


def in_fours(digits: str, gap: str = " ") -> str:
    return gap.join(digits[at : at + 4] for at in range(0, len(digits), 4))


def in_three(digits: str, gap: str) -> str:
    return gap.join((digits[:4], digits[4:10], digits[10:]))


@pytest.mark.parametrize("number", FOR_TESTS)
def test_every_number_is_found_in_every_grouping(number: str) -> None:
    written = [number, *(in_fours(number, gap) for gap in GAPS), " ".join(number), "\u200b".join(number)]
    if len(number) in (14, 15):
        written += [in_three(number, gap) for gap in GAPS]
    around = ["{}", "paid with {}, thanks", "tok_{}", "{} 12/30 123", "77 {} 77", "\uff1d{}x"]
    missed = [
        text for each in written for text in (it.format(each) for it in around) if not looks_like_card_number(text)
    ]
    assert missed == []


def test_digits_of_other_scripts_are_digits() -> None:
    assert looks_like_card_number("４２４２ ４２４２ ４２４２ ４２４２")
    assert looks_like_card_number("٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢")


def a_number(draw: random.Random, shortest: int, longest: int) -> str:
    return "".join(draw.choices("0123456789", k=draw.randint(shortest, longest)))


def an_iban(draw: random.Random) -> str:
    account = a_number(draw, 18, 18)
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def a_day(draw: random.Random) -> dt.date:
    return dt.date(2020, 1, 1) + dt.timedelta(days=draw.randrange(4000))


def a_moment(draw: random.Random) -> int:
    return draw.randrange(1_600_000_000_000, 1_900_000_000_000)


OTHERS: list[Callable[[random.Random], str]] = [
    lambda draw: f"Refund to {in_fours(an_iban(draw))} please",
    an_iban,
    lambda draw: f"paused {a_day(draw)} {a_day(draw)}",
    lambda draw: f"{a_day(draw):%d.%m.%Y} - {a_day(draw):%d.%m.%Y}",
    lambda draw: f"{a_day(draw):%Y%m%d}-{a_day(draw):%Y%m%d}",
    lambda draw: f"+49 170 {a_number(draw, 7, 8)}, +49 171 {a_number(draw, 7, 8)}",
    lambda draw: f"0170 {a_number(draw, 7, 8)} 0171 {a_number(draw, 7, 8)}",
    lambda draw: f"0{a_number(draw, 10, 10)} / 0{a_number(draw, 10, 10)}",
    lambda draw: f"+49{a_number(draw, 9, 11)}",
    lambda draw: f"49170{a_number(draw, 7, 8)}",
    lambda draw: f"ticket {a_number(draw, 12, 14)}",
    lambda draw: a_number(draw, 12, 19),
    lambda draw: f"order-{a_moment(draw)}",
    lambda draw: f"{a_moment(draw)}-{a_moment(draw)}",
    lambda draw: f"{a_moment(draw)}{a_number(draw, 3, 6)}",
    lambda draw: f"EUR {draw.randrange(10**6):,}.00, {draw.randrange(10**6):,}.00, {draw.randrange(10**6):,}.00",
]  # fmt: skip


@pytest.mark.parametrize("other", OTHERS, ids=[other(random.Random(1)) for other in OTHERS])
def test_hardly_anything_else_is_taken_for_one(other: Callable[[random.Random], str]) -> None:
    draw = random.Random(20261123)
    taken = [text for text in (other(draw) for _ in range(MANY)) if looks_like_card_number(text)]
    assert len(taken) < MANY / 100, taken[:5]


def test_an_iban_hides_no_card_number_behind_it_or_in_its_form() -> None:
    assert looks_like_card_number("DE89 3704 0044 0532 0130 00, 4242 4242 4242 4242")
    assert looks_like_card_number("AT12 4242 4242 4242 4242")


def test_a_promo_code_that_no_order_could_name_is_not_made() -> None:
    refused = CreatePromoCode().validate({"code": "4242 4242 4242 4242", "basis_points": 1000})
    assert refused == {"code": ["Send the provider's token; card numbers are not accepted."]}
