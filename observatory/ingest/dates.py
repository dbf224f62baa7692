"""Moments as form tools write them, turned to ISO text.

Belongs here: the formats met in submission times. Does not belong here: dates that
respondents answered (validate types those).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?$")
_LOCAL = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T ,]+(?:à )?(.+))?$")
_TIME = re.compile(r"^(\d{1,2})[:h](\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp])?\.?[Mm]?\b")
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


def iso_moments(texts: Sequence[str]) -> list[str | None]:
    """Each text as `YYYY-MM-DDTHH:MM:SS` (or `YYYY-MM-DD` without a time), None where it is no moment.

    Whether 03/04 is in March or April is decided for all texts together; where nothing tells, it is the French 3 April.
    """
    month_first = _month_first(texts)
    return [_iso(text) or _moment(text.strip(), month_first) for text in texts]


def _iso(text: str) -> str | None:
    """The usual text of a moment, `2025-11-24 10:30:00`, read ten times faster than any other."""
    if len(text) != 19 or text[4] != "-" or text.startswith(_WITHHELD):
        return None
    try:
        return dt.datetime.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _month_first(texts: Sequence[str]) -> bool:
    for text in texts:
        local = _LOCAL.match(text.strip())
        if local is None:
            continue
        first, second, _, time = local.groups()
        if int(first) > 12:
            return False
        if int(second) > 12 or (time and re.search(r"\b[ap]\.?m\b", time, re.IGNORECASE)):
            return True
    return False


def _moment(text: str, month_first: bool) -> str | None:
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
