"""CSV files as numbered rows."""

import io

import pytest
from hypothesis import given, strategies as st

from contracts.errors import Invalid
from services.contacts.importing.rules.sheet import Layout, layout_of, rows_of, surveyed


def file(text, encoding="utf-8"):
    return io.BytesIO(text.encode(encoding))


@pytest.mark.requirement("C19")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_headers_are_known(delimiter):
    text = delimiter.join(["First name", "Email", "Notes"]) + "\n" + delimiter.join(["Ada", "a@b.org", "x, y; z | w"])
    layout = layout_of(file(text))
    assert (layout.delimiter, layout.header) == (delimiter, ("First name", "Email", "Notes"))


@pytest.mark.requirement("C19")
def test_a_title_above_the_header_is_passed_over():
    layout = layout_of(file("Client list\n\nprinted on Monday\nClient,Email,Mobile Phone\nGrande Julieta,j@g.org,1\n"))
    assert layout.header_row == 4
    assert layout.header == ("Client", "Email", "Mobile Phone")


def test_rows_are_numbered_as_a_spreadsheet_does():
    stream = file('Name,Notes\r\nAda,"two\r\nlines"\r\n\r\nBob,\r\n')
    layout = layout_of(stream)
    stream.seek(0)
    assert list(rows_of(stream, layout)) == [(2, ["Ada", "two\r\nlines"]), (3, []), (4, ["Bob", ""])]


@given(st.integers(0, 60), st.lists(st.text("ab\n\"',é", max_size=8), min_size=1, max_size=50))
def test_reading_on_after_any_row_gives_the_rest(after, cells):
    text = "Email\n" + "".join('"' + cell.replace('"', '""') + '"\n' for cell in cells)
    layout = Layout("utf-8", ",", 1, ("Email",))
    whole = list(rows_of(file(text), layout))
    assert [row for row in whole if row[0] > after] == list(rows_of(file(text), layout, after=after))
    assert len(whole) == len(cells)


def test_the_stream_is_left_open_for_its_owner():
    stream = file("Email\na@b.org\n")
    layout_of(stream)
    assert not stream.closed


@pytest.mark.requirement("C19")
def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line():
    with pytest.raises(Invalid, match="quotation mark"):
        surveyed(file('Email\nada@example.org\n"' + "x\n" * 100_000), {})


def test_a_row_that_nobody_typed_is_refused():
    cells = ",".join(f'"{"x" * 60_000}\n"' for _ in range(3))
    with pytest.raises(Invalid, match="Row 2"):
        surveyed(file(f"Email,Name,Notes\n{cells}\n"), {})


def test_a_header_alone_is_an_import_of_nobody():
    assert surveyed(file("Email,Name\n"), {}).rows == 0


def test_a_column_mapped_by_hand_must_be_there():
    with pytest.raises(Invalid, match="Wo"):
        layout_of(file("Email\na@b.org\n"), mapped=["Wo"])


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["03/14/1990", "01/02/1990"], True),
        (["14/03/1990", "01/02/1990"], False),
        (["01/02/1990"], False),
        (["31/31/1990"], False),
        (["1990-12-31"], False),
    ],
)
def test_the_order_of_day_and_month_is_told_by_the_whole_column(dates, first):
    survey = surveyed(file("Email,Birthday\n" + "".join(f"a@b.org,{date}\n" for date in dates)), {})
    assert survey.rows == len(dates)
    assert ("Birthday" in survey.month_first) is first
