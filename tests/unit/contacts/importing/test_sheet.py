"""Tables in text files, as numbered rows."""

import pytest

from contracts.errors import Invalid


@pytest.mark.requirement("C19")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_headers_are_known(read, delimiter):
    text = delimiter.join(["First name", "Email", "Notes"]) + "\n" + delimiter.join(["Ada", "a@b.org", "x, y; z | w"])
    layout, _ = read(text)
    assert (layout.delimiter, layout.header) == (delimiter, ("First name", "Email", "Notes"))


@pytest.mark.requirement("C19")
def test_what_somebody_says_counts_more_than_what_is_found(read):
    text = "Email;Wer\nan old header;x\nEmail;Name\nada@example.org;Ädä\n"
    layout, rows = read(text.encode("cp1252"), encoding="cp1252", delimiter=";", header_row=3)
    assert (layout.encoding, layout.delimiter, layout.header_row) == ("cp1252", ";", 3)
    assert rows == [(4, ["ada@example.org", "Ädä"])]
    for wrong in ({"encoding": "klingon"}, {"encoding": "base64"}, {"header_row": 9}):
        with pytest.raises(Invalid):
            read(text, **wrong)


@pytest.mark.requirement("C19")
def test_a_title_above_the_header_is_passed_over(read):
    layout, _ = read("Client list\n\nprinted on Monday\nClient,Email,Mobile Phone\nGrande Julieta,j@g.org,1\n")
    assert (layout.header_row, layout.header) == (4, ("Client", "Email", "Mobile Phone"))


def test_rows_are_numbered_as_a_spreadsheet_does(read):
    _, rows = read('Name,Notes\r\nAda,"two\r\nlines"\r\n\r\nBob,\r\n')
    assert rows == [(2, ["Ada", "two\r\nlines"]), (3, []), (4, ["Bob", ""])]


@pytest.mark.requirement("C19")
def test_a_header_that_says_nothing_is_the_first_row_with_several_cells(read):
    layout, rows = read("Liste\n\nWer;Wo\nAda;ada@example.org\nBob;bob@example.org\n")
    assert (layout.header, layout.known, layout.delimiter) == (("Wer", "Wo"), 0, ";")
    assert (layout.emails, len(rows)) == (("Wo",), 2)
    assert str(layout.columns({})[1]) == "email at 1"


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('Email\nada@example.org\n"' + "x\n" * 100_000, "quotation mark"),
        ("Email,Notes\nada@example.org," + "x" * 500_000, "Line 2"),
        ("Email,Name,Notes\n" + ",".join(f'"{"x" * 60_000}\n"' for _ in range(3)) + "\n", "Row 2"),
        ("Email," + "x" * 1_100_000, "line of more"),
        (",".join(f"Email {n}" for n in range(16_384)) + "\n", "500 columns"),
        ("Email\n" + "\n" * 1_048_577, "rows"),
    ],
    ids=["endless quotation", "endless cell", "endless row", "endless line", "16k columns", "more rows than Excel has"],
)
def test_what_nobody_typed_is_refused(read, content, words):
    with pytest.raises(Invalid, match=words):
        read(content)


def test_a_header_alone_is_an_import_of_nobody(read):
    assert read("Email,Name\n")[0].rows == 0


def test_what_stands_against_an_import_is_told(read):
    layout, _ = read("Email\na@b.org\n")
    assert layout.problems({}) == []
    assert "Wo" in layout.problems({"Wo": "phone"})[0]
    assert "No column" in read("alpha,beta\n1,2\n")[0].problems({})[0]


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
def test_the_order_of_day_and_month_is_told_by_the_whole_column(read, dates, first):
    layout, rows = read("Email,Birthday\n" + "".join(f"a@b.org,{date}\n" for date in dates))
    assert layout.rows == len(dates) == len(rows)
    assert ("Birthday" in layout.month_first) is first
