"""Pieces that French messages are made of: a list cut short, a count with its noun.

Belongs here: wording that messages of several parts share. Does not belong here: whole messages (where they are
raised), comparing wordings (wording.py).
"""

from __future__ import annotations

from collections.abc import Iterable


def listed(names: Iterable[str], most: int = 5, separator: str = ", ") -> str:
    """The first names, and how many more there are: `a, b et 3 autres`.

    A separator other than the comma also stands before that count, lest it be read as part of the last name.
    """
    every = list(names)
    shown, rest = separator.join(every[:most]), len(every) - most
    if rest <= 0:
        return shown
    return f"{shown}{' ' if separator == ', ' else separator}et {counted(rest, 'autre')}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and its noun: `1 colonne`, `2 colonnes`; in French, zero is singular. `many` defaults to an added s."""
    return f"{number} {one if number < 2 else many or f'{one}s'}"
