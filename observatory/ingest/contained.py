"""Files whose rows another file says too, where neither id, SIREN nor e-mail tells that they are the same people.

Belongs here: finding such pairs, to be put before a person. Does not belong here: leaving a row out (merge.py, and
duplicates in validate), since answers alone don't prove who gave them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from observatory.ingest.assemble import Sheet
from observatory.ingest.merge import Merged
from observatory.phrases import counted
from observatory.problems import Problem

_FEWEST_ROWS = 10
_FEWEST_QUESTIONS = 3
_NEARLY_ALL = 0.9
_APART = 0.5
"""Share of a file's rows that must differ from one another: else, any file as large would contain them."""

_AS_OFTEN = 1.5
"""How many more rows of the other file than of this one may say the same: else, it is by chance."""


def contained_files(sheets: Sequence[Sheet], merged: Merged) -> Iterator[Problem]:
    """A warning for each file of which nearly all rows are in another."""
    joined = {frozenset((place.sheet, kept.sheet)) for _, place, kept in merged.replaced}
    for first, second in combinations(range(len(sheets)), 2):
        if frozenset((first, second)) in joined or _told_apart(sheets[first], sheets[second]):
            continue
        # Of files as long, the one that says less is in the other.
        part, whole = sorted((sheets[first], sheets[second]), key=lambda sheet: (len(sheet), len(sheet.answers)))
        shared = _shared(part, whole)
        if (
            len(part) >= _FEWEST_ROWS
            and len(shared) >= _FEWEST_QUESTIONS
            and _may_be_contained(part, whole, shared)
            and (rows := _rows_in_both(part, whole, shared))
        ):
            yield _contained(part, whole, rows, len(shared))


def _told_apart(one: Sheet, other: Sheet) -> bool:
    """Whether both files name their respondents in a way that is compared elsewhere."""
    ids = one.form.tool == other.form.tool and any(one.form.tool_id) and any(other.form.tool_id)
    # A check hashes nothing, but knows what a run would hash.
    return ids or (any(one.sirens) and any(other.sirens)) or bool(one.hashes.keys() & other.hashes.keys())


def _shared(one: Sheet, other: Sheet) -> list[tuple[int, int]]:
    """The columns of both files that hold the same answers."""
    pairs = []
    for name in one.answers.keys() & other.answers.keys():
        positions, others = one.answers[name].positions, other.answers[name].positions
        if len(positions) == len(others) and one.says(name):
            pairs += list(zip(positions, others, strict=True))
    return sorted(pairs)


def _may_be_contained(part: Sheet, whole: Sheet, shared: Sequence[tuple[int, int]]) -> bool:
    """Whether each column has nearly all cells of the other: most files that differ do so there, at little cost."""
    for position, other in shared:
        lacking = Counter(part.form.cells.counts(position)) - Counter(whole.form.cells.counts(other))
        if lacking.total() > (1 - _NEARLY_ALL) * len(part):
            return False
    return True


def _rows_in_both(part: Sheet, whole: Sheet, shared: Sequence[tuple[int, int]]) -> int:
    """How many rows of the one are in the other; 0 where they are too few, or too common to say anything."""
    rows = Counter(part.form.cells.hashes([position for position, _ in shared]))
    others = Counter(whole.form.cells.hashes([position for _, position in shared]))
    both = rows & others
    count = both.total()
    alike = sum(others[row] for row in both)
    if count < _NEARLY_ALL * len(part) or len(rows) < _APART * len(part) or alike > _AS_OFTEN * count:
        return 0
    return count


def _contained(part: Sheet, whole: Sheet, rows: int, columns: int) -> Problem:
    everyone = counted(len(part), "réponse")
    return Problem(
        file=part.form.file,
        found=f"ce fichier semble contenu dans {whole.form.file} : {rows} de ses {everyone} y sont aussi, les mêmes "
        f"dans {counted(columns, 'colonne')} ; sans identifiant, SIREN ni adresse communs, elles comptent deux fois",
        expected="chaque répondant dans un seul fichier",
        action="si l'un est un nouvel export de l'autre, retirez celui qui dit le moins ; rien si ce sont d'autres "
        "répondants",
        severity="warning",
    )
