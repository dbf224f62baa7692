"""The digits of a SIREN or a SIRET, out of what people and spreadsheets write around them.

Belongs here: « SIREN 732829320 », ="732829320", 732829320.0, the VAT number that ends in a SIREN, a number of which a
spreadsheet kept six digits. Does not belong here: whether the digits are a SIREN, and what is said where they are not
(validate/siren.py), which respondents are one (ingest/merge.py).
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.fr import tva

SCIENTIFIC = re.compile(r"['=\"]*\d(?:[.,]\d+)?E\+\d{1,2}\"?", re.IGNORECASE)
"""A long number of which a spreadsheet kept the first digits: 7,32829E+08. The others can't be had back."""

_DECIMALS = re.compile(r"(?<![\d.,])(\d{9}|\d{14})[.,]0{1,2}(?!\d)")
_WORDS = frozenset(
    {"siren", "siret", "n", "no", "num", "numero", "numéro", "de", "tva", "vat", "intracommunautaire", "fr"}
)
_SIGNS = re.compile(r"[\s='\"’‘«»()\[\]:;.,/#°_–—\u2011\u200b\ufeff-]*")
_NOT_SIGNS = re.compile(r"\w")
_VAT = re.compile(r"fr\s*(\d{2}(?:[\s.]*\d){9})")


def firm_digits(text: str) -> str | None:
    """The digits alone, of a VAT number those after its key; None where other words stand beside them."""
    if text.isascii() and text.isdigit():
        return text
    plain = _DECIMALS.sub(r"\1", unicodedata.normalize("NFKC", text).casefold())
    if not _WORDS.issuperset(re.findall(r"[^\W\d_]+", plain)) or not _SIGNS.fullmatch(_NOT_SIGNS.sub("", plain)):
        return None
    digits = "".join(re.findall(r"[0-9]", plain))
    if found := _VAT.search(plain):
        number = re.sub(r"[\s.]", "", found[1])
        return number[2:] if number == digits and tva.is_valid(f"FR{number}") else None
    return digits or None
