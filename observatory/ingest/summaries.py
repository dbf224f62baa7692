"""Tables made from answers, that no tool signs: counts by option, pivot and cross tables, this project's own files.

Belongs here: telling such a table from one of respondents, refusing it with what to export instead. Does not belong
here: the summaries of one tool, which its own module knows.

One sign never suffices: a questionnaire may ask for an « Effectif », and respondents' amounts may stand over a total.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from observatory.ingest.cells import Cells
from observatory.ingest.files import EXPORT, Table, refuse
from observatory.ingest.headers import filled_records
from observatory.ingest.tools.form import ROLES
from observatory.wording import normalise

_FIGURES = frozenset({"figure_id", "indicator", "statistic", "value"})
"""Headings of the table of figures that no form has together."""

_TO_CORRECT = frozenset({"public", "répondant", "fichier", "rangée"})
"""Headings that every sheet of the workbook to correct begins with."""

_TO_CORRECT_BESIDE = frozenset({"à faire", "raison du retrait", "situation"})

_SHARES = frozenset({"%", "pourcentage", "pourcentages", "percent", "percentage", "part (%)", "en %", "% total"})
_COUNTS = frozenset(
    {
        *(
            "effectif",
            "effectifs",
            "fréquence",
            "fréquences",
            "décompte",
            "nb",
            "nombre",
            "n",
            "total",
            "total général",
        ),
        *("nombre de réponses", "nb de réponses", "nombre de répondants", "nb réponses", "nb de répondants", "nb. cit"),
        *("count", "counts", "frequency", "response count", "responses", "total général", "grand total"),
    }
)
_PIVOTS = frozenset({"étiquettes de lignes", "row labels", "étiquettes de colonnes", "column labels"})
_LABELS = frozenset(
    {
        *("question", "questions", "modalité", "modalités", "option", "options", "réponse", "réponses", "choix"),
        *("answer", "answers", "indicateur", "indicateurs", "indicator", "variable", "catégorie", "item", "valeur"),
        *("answer choices", "answer options", "choix de réponses", "choix de réponse", "modalité de réponse"),
    }
)
_TOTALS = frozenset({"total", "total général", "grand total", "totaux", "ensemble"})
_AGGREGATED = re.compile(r"(?:nombre|nb|somme|moyenne|count|sum|average|max|min)\.? (?:de |d'|of )\S.*")
"""What a pivot table heads a column of values with."""

_RESPONDENT = re.compile(
    r"\b(?:sire[nt]|entreprise|société|organisme|organisation|nom|name|company|répondant|e-?mail)$"
)
"""The end of a heading over the names of those who answered."""

_NUMBER = re.compile(r"[-+]?[\d\s.,]*\d\s*%?")
_MOST_ROWS = 2000
_MOST_TITLES = 4
_MOST_LABELS = 3


def refuse_results(table: Table) -> None:
    """Refuse a table whose rows are no respondents'. Raises ProblemsError."""
    refuse_own_files(table)
    records = filled_records(table, _MOST_ROWS + 1)
    # Of a large file, only the first rows are at hand: no summary has as many.
    if table.stored is not None or len(records) > _MOST_ROWS:
        return
    if any(_is_summary(records[at], records[at + 1 :]) for at in range(min(_MOST_TITLES, len(records)))):
        refuse(
            table.file,
            "un tableau de résultats (des effectifs, des totaux), pas les réponses",
            "une ligne par répondant",
            EXPORT,
        )


def refuse_own_files(table: Table) -> None:
    """Refuse what this project wrote from answers. Raises ProblemsError."""
    for record in filled_records(table, _MOST_TITLES):
        names = {normalise(cell) for cell in record}
        if names >= _FIGURES:
            refuse(
                table.file,
                "un tableau de chiffres déjà calculés par « observatory », pas les réponses",
                "une ligne par répondant",
                EXPORT,
            )
        if names >= _TO_CORRECT and names & _TO_CORRECT_BESIDE:
            refuse(
                table.file,
                "le tableur des valeurs à corriger, pas les réponses",
                "une ligne par répondant",
                "une fois complété et signé, déposez-le dans corrections/ ; ici, déposez l'export du formulaire",
            )


def _is_summary(head: Cells, below: Sequence[Cells]) -> bool:
    """Whether rows under these headings are labels with numbers, and at least two things say that these are counts."""
    names = [normalise(cell) for cell in head]
    if any(name in ROLES or _RESPONDENT.search(name) for name in names if not _AGGREGATED.fullmatch(name)):
        return False
    below = _block(head, below)
    numbers = _number_columns(len(names), below)
    if numbers is None:
        return False
    values = [names[at] for at in numbers]
    signs = (
        any(name in _COUNTS or _AGGREGATED.fullmatch(name) for name in values),
        any(name in _SHARES for name in values),
        any(name in _LABELS for name in names[: numbers[0]]),
        2 * any(name in _PIVOTS for name in names),
        _ends_with_total(below, numbers),
    )
    # Labels beside numbers are what any table may have.
    return sum(signs) >= 2 and any((signs[0], signs[1], signs[3], signs[4]))


def _block(head: Cells, below: Sequence[Cells]) -> Sequence[Cells]:
    """The rows up to the next question: its text alone on a row, or the headings again."""
    for at, record in enumerate(below):
        if list(record) == list(head) or (at and len(head) > 1 and not any(cell.strip() for cell in record[1:])):
            return below[:at]
    return below


def _number_columns(width: int, below: Sequence[Cells]) -> range | None:
    """The columns of numbers to the right of at most three of labels; None where others stand among them."""
    kinds = []
    for at in range(width):
        cells = [record[at].strip() for record in below if at < len(record) and record[at].strip()]
        kinds.append(all(_NUMBER.fullmatch(cell) for cell in cells) if cells else None)
    first = next((at for at, kind in enumerate(kinds) if at and kind), 0)
    if not 1 <= first <= _MOST_LABELS or not below:
        return None
    last = max(at for at, kind in enumerate(kinds) if kind)
    # The first column may be labels that are numbers, such as years or codes.
    if any(kind is False for kind in kinds[first : last + 1]) or any(kind is False for kind in kinds[last + 1 :]):
        return None
    return range(first, last + 1)


def _ends_with_total(below: Sequence[Cells], numbers: range) -> bool:
    """Whether the last row is named a total, and is one of at least one column, shares apart."""
    last = below[-1]
    if len(below) < 3 or normalise(last[0]) not in _TOTALS:
        return False
    for at in numbers:
        above = [_amount(record[at]) for record in below[:-1] if at < len(record)]
        if at < len(last) and (total := _amount(last[at])) and abs(sum(above) - total) <= 0.01 * abs(total):
            return True
    return False


def _amount(cell: str) -> float:
    text = re.sub(r"[\s%]", "", cell).replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return 0.0
