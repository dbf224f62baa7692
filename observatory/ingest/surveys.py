"""Which files are exports of one survey: taken as it grew, or anew with codes for texts, other headings, fewer columns.

Belongs here: comparing the rows that two files hold under one id. Does not belong here: which of these rows counts and
under which key (merge.py).

The same tool wrote both, and what they say under the ids they share agrees. Headings prove nothing either way: two
surveys may ask the same, and one survey may be exported under codes and under texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from observatory.ingest.assemble import Sheet
from observatory.ingest.tools.form import Texts
from observatory.wording import normalise

_LONG_ID = 8
"""From this length on, an id that is no counter is taken to be unique across surveys."""

_COUNTER = re.compile(r"\D*0*\d{1,6}")
"""`12`, `R0000012`, `réponse 12`: what every survey has, however long."""

_SAMPLE = 500
"""Shared ids that are compared; one survey agrees nearly everywhere, two nearly nowhere."""

_ALIKE = 0.8
_AGREE = 0.5

Pair = tuple[int, int]
"""The rows of two files under one id."""


def surveys(sheets: Sequence[Sheet], ids: Sequence[Texts]) -> list[int]:
    """For each file, the first file of the same survey."""
    rows = [{id: row for row, id in enumerate(present) if id is not None} for present in ids]
    found = list(range(len(sheets)))
    for later in range(len(sheets)):
        for earlier in range(later):
            if found[later] != found[earlier] and _same_survey(
                sheets[earlier], rows[earlier], sheets[later], rows[later]
            ):
                old, new = max(found[later], found[earlier]), min(found[later], found[earlier])
                found = [new if survey == old else survey for survey in found]
    return found


def is_unique(id: str) -> bool:
    """Whether an id is of a kind that no other survey has."""
    return len(id) >= _LONG_ID and not _COUNTER.fullmatch(id)


def minute(moment: str | None) -> str:
    """A moment as precisely as every export tells it; '' for a mere day, which many respondents share."""
    return moment[:16] if moment is not None and "T" in moment and not moment.endswith("T00:00:00") else ""


def _same_survey(one: Sheet, rows: Mapping[str, int], other: Sheet, other_rows: Mapping[str, int]) -> bool:
    if one.form.tool != other.form.tool:
        return False
    shared = sorted(rows.keys() & other_rows.keys())
    if not shared:
        return False
    chosen = shared[:: -(-len(shared) // _SAMPLE)]
    pairs = [(rows[id], other_rows[id]) for id in chosen]
    if all(map(is_unique, chosen)):
        return sum(_same_siren(one, other, pair) is False for pair in pairs) <= _AGREE * len(pairs)
    verdicts = [_verdict(one, other, pair) for pair in pairs]
    told = [verdict for verdict in verdicts if verdict is not None]
    silent = [pair for pair, verdict in zip(pairs, verdicts, strict=True) if verdict is None]
    if silent and (answers := _same_answers(one, other, silent)) is not None:
        told += [answers] * len(silent)
    # What a few rows say does not decide on a survey of which the others say nothing.
    return sum(told) >= _AGREE * len(told) and 4 * len(told) >= len(pairs)


def _same_siren(one: Sheet, other: Sheet, pair: Pair) -> bool | None:
    siren, other_siren = one.sirens[pair[0]], other.sirens[pair[1]]
    return siren == other_siren if siren and other_siren else None


def _verdict(one: Sheet, other: Sheet, pair: Pair) -> bool | None:
    """Whether two rows are one respondent's by SIREN, else by the moment; None where neither tells."""
    same = _same_siren(one, other, pair)
    if same is not None:
        return same
    moment, other_moment = one.form.submitted_at[pair[0]], other.form.submitted_at[pair[1]]
    if moment is None or other_moment is None:
        return None
    if minute(moment) and minute(other_moment):
        return minute(moment) == minute(other_moment)
    return None if moment[:10] == other_moment[:10] else False


# Answers


def _same_answers(one: Sheet, other: Sheet, pairs: Sequence[Pair]) -> bool | None:
    """Whether two files give these rows the same answers, beyond what chance would.

    A code stands for the text that it mostly meets. None where the answers can't tell: none, or all alike.
    """
    agreed = expected = compared = 0.0
    for cells, other_cells in _compared(one, other, pairs):
        both = list(zip(cells, other_cells, strict=True))
        meanings = _meanings(both)
        left = Counter(meanings.get(cell, cell) for cell in cells)
        right = Counter(other_cells)
        compared += len(both)
        agreed += sum(meanings.get(cell, cell) == other_cell for cell, other_cell in both)
        expected += sum(count * right[cell] for cell, count in left.items()) / len(both)
    if expected < compared:
        return (agreed - expected) / (compared - expected) >= _AGREE
    return True if agreed == compared and _headings_alike(one, other) else None


def _compared(one: Sheet, other: Sheet, pairs: Sequence[Pair]) -> Iterator[tuple[Texts, Texts]]:
    """The answers of those rows in both files, question by question."""
    targets = sorted(one.answers.keys() & other.answers.keys())
    sides = (one.some_texts([row for row, _ in pairs], targets), other.some_texts([row for _, row in pairs], targets))
    for cells, other_cells in zip(*sides, strict=True):
        yield _normal(cells), _normal(other_cells)


def _normal(cells: Iterable[str | None]) -> Texts:
    return [None if cell is None else normalise(cell) for cell in cells]


def _meanings(pairs: Sequence[tuple[str | None, str | None]]) -> dict[str | None, str | None]:
    """What a cell of the one file reads in the other, where the two don't mostly read the same.

    An option that is not ticked may be blank in the one and « Non » in the other.
    """
    told = [pair for pair in pairs if pair != (None, None)]
    if 2 * sum(cell == other_cell for cell, other_cell in told) >= len(told):
        return {}
    meanings: dict[str | None, str | None] = {}
    for (cell, other_cell), count in sorted(Counter(pairs).items(), key=lambda item: (-item[1], str(item[0]))):
        if count > 1:
            meanings.setdefault(cell, other_cell)
    return meanings


def _headings_alike(one: Sheet, other: Sheet) -> bool:
    headings = {normalise(column.heading) for column in one.form.columns}
    other_headings = {normalise(column.heading) for column in other.form.columns}
    return len(headings & other_headings) >= _ALIKE * min(len(headings), len(other_headings))
