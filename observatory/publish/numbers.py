"""Numbers and dates as readers see them, in the report's language.

Belongs here: rounding, separators, units. Does not belong here: which number is shown, or the words around it.
Rounding is half up (0,5 gives 1), done once, on the exact decimal of the value; a zero never has a sign.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"

_SCALES: tuple[tuple[str, int, int], ...] = (("Md€", 9, 2), ("M€", 6, 1), ("k€", 3, 0), ("€", 0, 0))
_ENGLISH_SCALES = {"Md€": "bn", "M€": "m", "k€": "k", "€": ""}


def rounded(value: float, decimals: int, shift: int = 0) -> Decimal:
    """`value` × 10^shift with that many decimals; never −0."""
    exact = Decimal(repr(float(value))).scaleb(shift)
    quantum = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(quantum) if quantum.is_zero() else quantum


def _written(number: Decimal, decimals: int, language: str, sign: bool = False) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = str(format_decimal(number, format=pattern, locale=language)).replace("-", MINUS)
    return f"+{text}" if sign and number > 0 else text


def decimal(value: float, decimals: int = 1, language: str = "fr", sign: bool = False) -> str:
    """« 1 234,5 »."""
    return _written(rounded(value, decimals), decimals, language, sign)


def integer(value: float, language: str = "fr") -> str:
    """« 1 234 »."""
    return decimal(value, 0, language)


def percent(share: float, decimals: int = 0, language: str = "fr", sign: bool = False) -> str:
    """A share of 0 to 1 as « 42,3 % »."""
    text = _written(rounded(share, decimals, 2), decimals, language, sign)
    return f"{text}{NARROW_SPACE}%" if language == "fr" else f"{text}%"


def points(difference: float, decimals: int = 1, language: str = "fr", sign: bool = False, unit: bool = True) -> str:
    """A difference of shares (0 to 1) as « 3,2 points », or « 3,2 » without its unit; French counts plural from 2."""
    number = rounded(difference, decimals, 2)
    if not unit:
        return _written(number, decimals, language, sign)
    one = abs(number) < 2 if language == "fr" else abs(number) == 1
    return f"{_written(number, decimals, language, sign)}{NO_BREAK_SPACE}{'point' if one else 'points'}"


def scale(value: float) -> str:
    """The unit in which an amount in EUR reads best: Md€, M€, k€ or €."""
    return next((name for name, power, _ in _SCALES if abs(value) >= 10**power), "€")


def euros(amount: float, unit: str | None = None, decimals: int | None = None, language: str = "fr") -> str:
    """An amount in EUR as « 1 234,5 M€ », in the unit that reads best or in the one asked for.

    Raises KeyError for a unit other than Md€, M€, k€ and €.
    """
    powers = {name: (power, usual) for name, power, usual in _SCALES}
    name = unit or scale(amount)
    power, usual = powers[name]
    number = rounded(amount, usual if decimals is None else decimals, -power)
    text = _written(number, usual if decimals is None else decimals, language)
    if language == "fr":
        return f"{text}{NO_BREAK_SPACE}{name}"
    sign, digits = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    return f"{sign}€{digits}{_ENGLISH_SCALES[name]}"


Bounds = tuple[float, float]


def percent_range(bounds: Bounds, decimals: int = 0, language: str = "fr") -> str:
    """Two shares as « 38–46 % », with one more decimal where they would otherwise read the same."""
    low, high = bounds
    if low != high and rounded(low, decimals, 2) == rounded(high, decimals, 2):
        decimals += 1
    return f"{_written(rounded(low, decimals, 2), decimals, language)}{EN_DASH}{percent(high, decimals, language)}"


def euros_range(bounds: Bounds, unit: str | None = None, language: str = "fr") -> str:
    """Two amounts in EUR as « 1,2–1,5 Md€ », in the unit of the larger or in the one asked for."""
    name = unit or scale(max(abs(bound) for bound in bounds))
    power, decimals = next((power, usual) for known, power, usual in _SCALES if known == name)
    first = _written(rounded(bounds[0], decimals, -power), decimals, language)
    last = euros(bounds[1], name, language=language)
    return f"{first}{EN_DASH}{last}" if language == "fr" else f"€{first}{EN_DASH}{last.lstrip('€')}"


def decimal_range(bounds: Bounds, decimals: int = 1, language: str = "fr") -> str:
    """Two numbers as « 2–4 », or « 3 » where both are the same."""
    first, last = (decimal(bound, decimals, language) for bound in bounds)
    return first if bounds[0] == bounds[1] else f"{first}{EN_DASH}{last}"


def ordinal(number: int, language: str = "fr") -> str:
    """« 1er », « 2e »; « 1st », « 2nd » in English."""
    if language == "fr":
        return f"{number}{'er' if number == 1 else 'e'}"
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def long_date(date: dt.date, language: str = "fr") -> str:
    """« 12 novembre 2023 », « 1er mars 2026 »."""
    text = str(format_date(date, format="long", locale=language))
    return text.replace("1 ", "1er ", 1) if language == "fr" and date.day == 1 else text
