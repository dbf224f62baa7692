"""Moments as form tools write them, turned to ISO text.

Belongs here: the formats met in submission times. Does not belong here: dates that
respondents answered (validate types those).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?$")
_LOCAL = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T ,]+(?:(?:à|-) )?(.+))?$")
_TIME = re.compile(r"^(\d{1,2})[:h.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*([AaPp])?\.?[Mm]?\b")
_SERIAL = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_EXCEL_EPOCH = dt.datetime.fromisoformat("1899-12-30")
_WITHHELD = "1980-01-01"
"""What LimeSurvey writes for a submitted answer whose date is not kept."""

_ENGLISH = re.compile(r"^([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})(?:,? +(.+))?$")
"""`Apr 26, 2018 8:58:20 AM`, which ODK Briefcase writes."""

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def iso_moments(texts: Sequence[str], *, month_first: bool = False) -> list[str | None]:
    """Each text as `YYYY-MM-DDTHH:MM:SS` (or `YYYY-MM-DD` without a time), None where it is no moment.

    Whether 03/04 is in March or April is decided for all texts together; where nothing tells, it is the French 3 April,
    or, with `month_first`, the American March 4. Where some texts tell one and some the other, 03/04 is no moment.
    """
    usual = [_iso(text) for text in texts]
    others = {text for text, moment in zip(texts, usual, strict=True) if moment is None}
    orders = {order for order in map(_month_first, others) if order is not None}
    if len(orders) == 2:
        read = {t: None if _unclear(t.strip()) else _moment(t.strip(), _month_first(t)) for t in others}
    else:
        order = next(iter(orders), month_first)
        read = {text: _moment(text.strip(), order) for text in others}
    return [moment or read.get(text) for text, moment in zip(texts, usual, strict=True)]


def is_withheld(text: str) -> bool:
    """Whether a text stands for a moment that the tool does not keep: nothing is lost in not reading it."""
    return text.strip().startswith(_WITHHELD)


def _iso(text: str) -> str | None:
    """The usual text of a moment, `2025-11-24 10:30:00`, read ten times faster than any other."""
    if len(text) != 19 or text[4:8:3] != "--" or text[13::3] != "::" or text.startswith(_WITHHELD):
        return None
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return f"{text[:10]}T{text[11:]}"


def unpadded(texts: Sequence[str]) -> bool:
    """Whether days and months below ten stand without a zero, as American programs write them (9/8/2017)."""
    return any(
        (local := _LOCAL.match(text.strip())) is not None and min(len(part) for part in local.groups()[:2]) == 1
        for text in texts
    )


def _month_first(text: str) -> bool | None:
    """Whether a text has its month first; None where both would do."""
    local = _LOCAL.match(text.strip())
    if local is None:
        return None
    first, second, _, time = local.groups()
    if int(first) > 12:
        return False
    if int(second) > 12 or (time and re.search(r"\b[ap]\.?m\b", time, re.IGNORECASE)):
        return True
    return None


def _unclear(text: str) -> bool:
    return _LOCAL.match(text) is not None and _month_first(text) is None


def _moment(text: str, month_first: bool | None) -> str | None:
    if _SERIAL.match(text):
        moment = _EXCEL_EPOCH + dt.timedelta(days=float(text.replace(",", ".")))
        return (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    if iso := _ISO.match(text):
        year, month, day, time = iso.groups()
    elif local := _LOCAL.match(text):
        first, second, year, time = local.groups()
        month, day = (first, second) if month_first else (second, first)
        year = year if len(year) == 4 else f"20{year}"
    elif english := _ENGLISH.match(text):
        name, day, year, time = english.groups()
        month = next((str(at) for at, full in enumerate(_MONTHS, 1) if full.startswith(name.lower())), "0")
    else:
        return None
    try:
        date = dt.date(int(year), int(month), int(day))
        if date.isoformat() == _WITHHELD:
            return None
        clock = _TIME.match(time.strip()) if time else None
        if clock is None:
            return date.isoformat()
        hours, minutes, seconds, half = clock.groups()
        hour = int(hours) % 12 + (12 if half in {"p", "P"} else 0) if half else int(hours)
        return dt.datetime.combine(date, dt.time(hour, int(minutes), int(seconds or 0))).isoformat()
    except ValueError:
        return None
