"""Whose letters text is made of: names are too few words for statistics of a language, but each has its own letters."""

from __future__ import annotations

import re

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґўђјљњћџѓќѕ"
_HEBREW = "אבגדהוזחטיכלמנסעפצקרשתםןץףך"
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئپچژگ"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"
_STRANGE = frozenset((_CYRILLIC[0], _HEBREW[0], _ARABIC[0], _GREEK[0]))
"""Of these languages none has a Latin letter in the same word."""
_LETTERS = (  # of those that have as many of the letters the first counts
    ("cp1252", "äöüßéèàëïçáóêô"),  # German, Dutch, English, with a guest's name
    ("cp1252", "àâæçéèêëîïôœùûüÿ"),  # French
    ("cp1252", "áéíñóúüïçàèò"),  # Spanish, Catalan
    ("cp1252", "àèéìíîòóùú"),  # Italian
    ("cp1252", "áâãàçéêíóôõú"),  # Portuguese
    ("cp1252", "åäöæøéüáèô"),  # Danish, Norwegian, Swedish, Finnish
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýžäľĺôŕ"),  # Czech, Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "čćđšž"),  # Croatian, Slovene
    ("cp1254", "çğıöşüâîû"),  # Turkish
    ("cp1250", "ăâîşţ"),  # Romanian
    ("cp1257", "ąčęėįšųūžāēģīķļņõäöü"),  # Lithuanian, Latvian, Estonian
    ("cp1252", "áðéíóúýþæö"),  # Icelandic
    ("cp1255", _HEBREW),
    ("cp1251", _CYRILLIC),
    ("cp1253", _GREEK),
    ("cp1256", _ARABIC),
)
_OF_PAGE = {page: "".join(letters for one, letters in _LETTERS if one == page) for page, _ in _LETTERS}
_RUN = re.compile(r"[^\W\d_a-zA-Z]{4,}")
"""So many letters with accents in a row no language has that is written in Latin ones."""
_SIGNS = frozenset("’‘“”„–—…«»´·°§€©®™ºª\xa0")
"""What may stand beside words in any language."""
SURE = 0.9
"""So much of what is no ASCII has to be letters of the languages of one code page."""


def windows_encoding_of(sample: bytes) -> str | None:
    """The code page of Windows that text is surely written in: that of the one language which has most of its letters.

    Guests have names in other languages, whose letters are on the same page.
    """
    surely = [page for page, letters in _OF_PAGE.items() if _share(sample, page, letters) >= SURE]
    likely = [(_share(sample, page, letters), page) for page, letters in _LETTERS if page in surely]
    return max(likely, key=lambda one: one[0])[1] if likely else None


def _share(sample: bytes, page: str, letters: str) -> float:
    """How much of what is no ASCII fits, read in this way."""
    try:
        text = f" {sample.decode(page)} "
    except UnicodeDecodeError:
        return 0
    foreign = [place for place, letter in enumerate(text) if not letter.isascii()]
    in_a_row = 0 if letters[0] in _STRANGE else sum(len(run) for run in _RUN.findall(text))
    fitting = sum(_fits(text, place, letters) for place in foreign)
    return (fitting - in_a_row) / max(1, len(foreign))


def _fits(text: str, place: int, letters: str) -> bool:
    """A letter of the language, where it may stand; or a sign, but for a few not inside of a word."""
    letter, before, after = text[place], text[place - 1], text[place + 1]
    if letter in _SIGNS:
        return letter in "’´·" or not (before.isalpha() and after.isalpha())
    if letter not in letters and letter.lower() not in letters and letter != "İ":
        return False
    if letter.isupper() and before.islower():
        return False
    return letters[0] not in _STRANGE or not any(one.isascii() and one.isalpha() for one in (before, after))
