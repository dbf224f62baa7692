"""Whether a file of the inbox says that it is simulated.

Belongs here: the mark that simulated files carry, and reading it back. Does not belong
here: reading answers (ingest).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, load_workbook

PREFIX = "simule-"
COLUMN, VALUE = "simulated", "oui"


def is_simulated(file: Path) -> bool:
    """Whether the file is named as simulated and says so on every row; false for what can't be read."""
    if not file.name.startswith(PREFIX):
        return False
    try:
        return any(_marked(records) for records in _readings(file))
    except (OSError, UnicodeDecodeError, csv.Error, CalamineError):
        return False


def _readings(file: Path) -> Iterable[list[list[Any]]]:
    if file.suffix == ".xlsx":
        yield load_workbook(str(file)).get_sheet_by_index(0).to_python()
        return
    for delimiter in (";", ","):
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield list(csv.reader(text, delimiter=delimiter))


def _marked(records: list[list[Any]]) -> bool:
    if not records or COLUMN not in records[0]:
        return False
    place = records[0].index(COLUMN)
    return all(len(record) > place and record[place] == VALUE for record in records[1:])
