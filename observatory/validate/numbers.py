"""Numbers as people type them, in French or in English, and dates.

Belongs here: reading one number, amount, percentage or date from text, or refusing it.
Does not belong here: bounds, which are the questionnaire's.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal

from observatory.validate.refusals import Refusal

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_PLAIN = re.compile(r"(?:[0-9]{1,15}|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,][0-9]{1,2})?")
"""What most people write, and Babel agrees with; reading it takes a fiftieth of Babel's time."""

_EXPONENT = re.compile(r"[0-9]\.[0-9]{1,16}E[0-9]{1,2}")
"""How ODK Collect writes ten million and more: every digit is there, where a spreadsheet's 1,2E+11 has lost some."""

_SHAPE = re.compile(r"(?P<sign>[-+]?) ?(?P<digits>[0-9](?:[0-9 .,]*[0-9])?)")
_MAY_BE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}|[0-9]+(?: [0-9]{3})+[.,][0-9]{3}")
_CURRENCY = r"(?:€|eur|euros?)"
_AMOUNT = re.compile(
    rf"(?:{_CURRENCY} ?)?(?P<number>[-+]?[0-9 .,]*[0-9]) ?(?P<unit>[a-zµ]*?)"
    rf"(?: ?(?:d['\u2019] ?|de )?{_CURRENCY})?(?: ?\(?h\.?t\.?\)?)?",
    re.IGNORECASE,
)
_MULTIPLIERS = {
    "": 1,
    "k": 10**3,
    "millier": 10**3,
    "milliers": 10**3,
    "mille": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "md": 10**9,
    "mds": 10**9,
    "mrd": 10**9,
    "mrds": 10**9,
    "milliard": 10**9,
    "milliards": 10**9,
    "bn": 10**9,
}
_GROUPING_LOCALES = ("fr", "en", "de")
"""Between them: 1 234,5 then 1,234.5 then 1.234,5, which is met in France too."""

_NOT_A_NUMBER = Refusal("number", "un nombre, par exemple 1 234,5", "écrivez le nombre seul, en chiffres")
_AMBIGUOUS = Refusal(
    "number",
    "un nombre qui ne se lit que d'une façon",
    "point ou virgule : milliers ou décimales ? Récrivez le nombre sans séparateur de milliers",
)


def read_number(text: str) -> float | Refusal:
    """A number in French or English writing. What can be read in two ways (1.234 or 1,234) is refused."""
    number = _decimal(_plain_spaces(text))
    return number if isinstance(number, Refusal) else float(number)


def read_amount(text: str) -> float | Refusal:
    """An amount in EUR: a number, its currency and its multiple if any (12 M€, 350 k€, 1,2 milliard d'euros)."""
    text = _plain_spaces(text)
    if _PLAIN.fullmatch(text):
        return float(_decimal_point(text))
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return Refusal("number", "un montant en euros, par exemple 350 000 ou 350 k€", "écrivez le montant en chiffres")
    unit = match["unit"]
    multiplier = 10**6 if unit == "M" else _MULTIPLIERS.get(unit.casefold())
    if multiplier is None:
        return Refusal(
            "number", "un montant en euros, en k€, en M€ ou en milliards d'euros", "récrivez le montant en euros"
        )
    number = _decimal(match["number"])
    return number if isinstance(number, Refusal) else float(number * multiplier)


def read_percent(text: str) -> float | Refusal:
    """A percentage in points (12,5 % is 12.5). No thousands here, so 1,234 is a decimal."""
    digits = _plain_spaces(text).removesuffix("%").rstrip().replace(",", ".")
    if re.fullmatch(r"[-+]?[0-9]+(?:\.[0-9]+)?", digits):
        return float(digits)
    return Refusal("number", "un pourcentage, par exemple 12,5", "écrivez le pourcentage seul, en chiffres")


def read_date(text: str) -> dt.date | Refusal:
    """A date, 2025-11-12 (its time is left out) or 12/11/2025, the day first."""
    stripped = text.strip()
    iso = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", stripped)
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?", stripped)
    try:
        if iso:
            return dt.date.fromisoformat(iso[1])
        if french:
            return dt.date(int(french[3]), int(french[2]), int(french[1]))
    except ValueError:
        return Refusal("date", "une date qui existe, le jour avant le mois", "vérifiez le jour et le mois")
    return Refusal("date", "une date, JJ/MM/AAAA ou AAAA-MM-JJ", "récrivez la date, l'année sur quatre chiffres")


def _plain_spaces(text: str) -> str:
    text = _SPACES.sub(" ", text.replace("\u2212", "-")).strip()
    return f"{Decimal(text):f}" if _EXPONENT.fullmatch(text) else text


def _decimal_point(text: str) -> str:
    return text.replace(" ", "").replace(",", ".")


def _decimal(text: str) -> Decimal | Refusal:
    """The one number that the text is in some writing.

    Babel tells which writings hold, strictly: groups of three, the right separators. Two different numbers, or a
    last group that may as well be thousands as decimals, is ambiguous.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(_decimal_point(text))
    match = _SHAPE.fullmatch(text)
    if match is None:
        return _NOT_A_NUMBER
    digits = match["digits"]
    if _MAY_BE_THOUSANDS.fullmatch(digits):
        return _AMBIGUOUS
    if " " in digits:
        # French groups; some write the decimal point of the keypad after them.
        spaced = digits if "," in digits else digits.replace(".", ",")
        readings = _readings(spaced.replace(" ", "\u202f"), ("fr",))
    else:
        readings = _readings(digits, _GROUPING_LOCALES)
    if len(readings) != 1:
        return _AMBIGUOUS if readings else _NOT_A_NUMBER
    (number,) = readings
    return -number if match["sign"] == "-" else number


def _readings(digits: str, locales: tuple[str, ...]) -> set[Decimal]:
    readings = set()
    for locale in locales:
        try:
            readings.add(parse_decimal(digits, locale=locale, strict=True))
        except NumberFormatError:
            continue
    return readings
