"""Files are read in the encoding that they were written in."""

import io

import pytest

from chassis.contents import why_no_table
from contracts.errors import Invalid
from services.contacts.importing.parsing.encoding import encoding_of
from services.contacts.importing.parsing.kinds import kind_of

TEXT = "First name,Email\nŻaneta,zaneta@example.org\nBjörn,bjorn@example.org\n" * 20


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
        (b"Email\nada@example.org\n", "utf-8"),
    ],
    ids=["utf-8", "with mark", "utf-16", "utf-16-le without mark", "utf-16-be without mark", "utf-32", "ascii"],
)
def test_unicode_is_recognised(content, encoding):
    assert encoding_of(io.BytesIO(content)) == encoding


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("text", "written_in"),
    [
        ("Prénom,Rue\nHélène,Rue de la Paix à Orléans\nFrançois,Allée des Hêtres\n" * 30, "cp1252"),
        ("Vorname,Straße\nJürgen,Königsstraße\nGünther,Äußere Weberstraße\n" * 30, "latin-1"),
    ],
)
def test_what_is_no_unicode_is_read_as_its_letters_suggest(text, written_in):
    found = encoding_of(io.BytesIO(text.encode(written_in)))
    assert text.encode(written_in).decode(found) == text


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    ("names", "written_in"),
    [
        ("Zoé", "cp1252"),
        ("José;Muñoz;Íñigo;Núñez;Martínez;Álvaro", "cp1252"),
        ("João;Conceição;Antônio;Gonçalves", "cp1252"),
        ("Bjørn;Århus;Søren", "cp1252"),
        ("Hélène;Jürgen;Muñoz;Bjørn;O’Brien;João", "cp1252"),
        ("Łukasz;Żółciński;Wałęsa", "cp1250"),
        ("Jiří;Dvořák;Růžena", "cp1250"),
        ("Kőszegi;Ákos;László;Jenő;Szűcs;Fülöp;Tünde", "cp1250"),
        ("İsmail;Şahin;Yıldız", "cp1254"),
        ("Анна;Иванова;Пётр", "cp1251"),
        ("Γιώργος;Παπαδόπουλος;Ελένη", "cp1253"),
        ("משה;כהן", "cp1255"),
        ("山田;太郎;鈴木", "cp932"),
    ],
)
def test_a_few_names_are_read_by_their_letters(names, written_in):
    """A table of names has no sentences by which a language could be known."""
    content = "\n".join(f"{name};x@example.org" for name in names.split(";")).encode(written_in)
    assert content.decode(encoding_of(io.BytesIO(content))) == content.decode(written_in)


def test_a_foreign_letter_far_down_is_seen():
    content = b"Email\n" + b"ada@example.org\n" * 100_000 + "Hélène".encode("cp1252")
    assert encoding_of(io.BytesIO(content)) != "utf-8"


def test_a_letter_cut_by_the_edge_of_a_block_is_whole():
    content = b"Email\n" + b"x" * (256 * 1024 - 7) + "é\n".encode()
    assert encoding_of(io.BytesIO(content)) == "utf-8"


@pytest.mark.requirement("C19")
@pytest.mark.parametrize(
    "content", [b"", b"  \r\n ", b"%PDF-1.7", b"\x89PNG\r\n", b"\x00\xff\x00\x01\x02" * 900, b"a\x00" * 3 + b"b" * 900]
)
def test_what_is_no_table_is_refused(content):
    assert why_no_table(content)
    with pytest.raises(Invalid) as refusal:
        kind_of(io.BytesIO(content))
    assert refusal.value.errors[0]["pointer"] == "/file"
