"""Telephone numbers as people write them, alone in a cell or within a text.

Belongs here: the signs between digits, the numbering plans of France and its overseas territories. Does not belong
here: which columns are personal (personal.py), what is stored instead of a number (protection.py).

Numbers that begin by 0 are read here in every writing whose groups are set apart by one sign; phonenumbers finds the
others, by their country's prefix or by their shape. Those of New Caledonia and French Polynesia have no 0 before them
and six or eight digits, as amounts have: they are known by their prefix alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import phonenumbers
from stdnum.fr import siren, siret

REGION = "FR"
"""Where telephone numbers without a country's prefix are."""

_REGIONS = (REGION, "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF")
"""Where a number that begins by 0 may be, the likeliest first."""

_PLAIN = (
    dict.fromkeys(map(ord, "\u00a0\u1680\u202f\u205f\u3000"), " ")
    | dict.fromkeys(range(0x2000, 0x200B), " ")
    | dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D), "-")
    | dict.fromkeys(map(ord, "·•∙⋅‧"), ".")
    | {0xFF0B: "+", 0xFF0F: "/"}
)
"""One sign for another: places in a text stay the same."""

_SIGN = r" {1,2}| ?[-./_] ?|,"
_NATIONAL = re.compile(
    r"(?<![\d+])(?<!\d[.,])0[1-9](?:"
    rf"(?P<pairs>{_SIGN})\d\d(?:(?P=pairs)\d\d){{3}}"
    rf"|\d\d(?P<four>{_SIGN})\d\d(?:(?P=four)\d\d){{2}}"
    rf"|\d\d(?P<three>{_SIGN})\d{{3}}(?P=three)\d{{3}}"
    r"|\d{8})(?!\d)"
)
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}([-./])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d([-./])\d\d\2\d\d)(?!\d)")
_ALONE = re.compile(r"(?:\+|00|\(\+?0?)?[\d\s().\-/]{8,24}")
_ENOUGH_DIGITS = re.compile(r"\d(?:[\s().\-/,_]{0,3}\d){7}")
_BEGINS = re.compile(r"(?<![\d,.])(?:\+|\(?0)[\d\s().\-/,_]{8,}")


def plain(text: str) -> str:
    """The text with the common spaces, dashes and dots in the place of rare ones."""
    return text if text.isascii() else text.translate(_PLAIN)


def phone_of(cell: str) -> str | None:
    """The telephone number that a cell is, in E.164; zeros that a spreadsheet dropped are put back."""
    text = plain(cell.strip())
    if not (_ALONE.fullmatch(text) or _NATIONAL.fullmatch(text)):
        return None
    digits = re.sub(r"\D", "", text) if _NATIONAL.fullmatch(text) else text
    return next(_numbers(digits, _REGIONS if text.startswith("0") else _REGIONS[:1]), None)


def looks_like_phone(cell: str) -> bool:
    """Whether a cell may be a telephone number, of whatever length."""
    return _ALONE.fullmatch(plain(cell)) is not None


def phones_in(text: str, *, surely: bool = False) -> list[tuple[int, int]]:
    """Where telephone numbers stand in a text, from and to, in order.

    `surely` is for text in which numbers are expected: only what begins like a telephone number, by 0 or +, is one.
    """
    read = plain(text)
    if not (_BEGINS if surely else _ENOUGH_DIGITS).search(read) or (surely and is_firm_number(read)):
        return []
    found = [match.span() for match in _NATIONAL.finditer(read) if _is_national(match)]
    for start, end in (*found, *(match.span() for match in _DATE.finditer(read))):
        read = read[:start] + ";" * (end - start) + read[end:]
    others = phonenumbers.PhoneNumberMatcher(read, REGION)
    found += [(other.start, other.end) for other in others if not _is_number_of_another_kind(other.raw_string)]
    return sorted(found)


def is_firm_number(text: str) -> bool:
    """Whether a text is a SIREN or a SIRET, whose digits may look like a telephone number's."""
    digits = re.sub(r"[\s.-]", "", text)
    return siren.is_valid(digits) or siret.is_valid(digits)


def _is_number_of_another_kind(text: str) -> bool:
    return is_firm_number(text) or re.match(r"0[.,]\d{3}", text) is not None


def _is_national(match: re.Match[str]) -> bool:
    """Five pairs of digits after a 0, or ten digits of a mobile, are a telephone number even if nobody has it yet."""
    digits = re.sub(r"\D", "", match[0])
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    if match["pairs"] and all(second - first == 1 for first, second in pairwise(pairs)):
        # A list: départements 01,02,03,04,05.
        return False
    return bool(match["pairs"]) or match[0].startswith(("06", "07")) or any(_numbers(digits, _REGIONS))


def _numbers(text: str, regions: tuple[str, ...]) -> Iterator[str]:
    """The numbers that a text is in these regions, in E.164."""
    for region in regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
