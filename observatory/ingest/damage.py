"""Answers that a spreadsheet damaged: long numbers rounded, first zeros dropped, brackets made dates.

Belongs here: telling such cells, and what is said of them. Does not belong here: the tool's own ids (inspect.py), what
becomes of one damaged answer (validate/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stdnum.fr import siren, siret

from observatory.firm_numbers import SCIENTIFIC
from observatory.ingest.catalogue import Catalogue
from observatory.ingest.matching import Match
from observatory.ingest.tools.form import Column, Form
from observatory.phrases import counted
from observatory.problems import Problem
from observatory.wording import key

_MONTH = r"(?:janv?|févr?|fevr?|feb|mars|mar|avr|apr|mai|may|juin|jun|juil|jul|août|aout|aug|sept?|oct|nov|déc|dec)\.?"
_DATE_FOR_RANGE = re.compile(rf"{_MONTH}-\d{{2}}|\d{{1,2}}-{_MONTH}", re.IGNORECASE)


def damage_warnings(form: Form, matches: Sequence[Match], known: Catalogue) -> list[Problem]:
    """What is lost for good in the columns that answer a question: zeros before a number can be put back one by one."""
    asked = [(match.column, known.questions[known.targets[match.target]]) for match in matches if match.decided]
    numbers = [column for column, question in asked if question.type == "siren"]
    choices = [column for column, question in asked if question.choices is not None]
    return [*_of_rounded(form, numbers), *of_dates(form, choices)]


def remark(form: Form, found: str, expected: str, action: str, *, row: int | None = None, column: str = "") -> Problem:
    """A warning on one file."""
    return Problem(
        file=form.file, row=row, column=column, found=found, expected=expected, action=action, severity="warning"
    )


def of_long_numbers(form: Form, columns: Iterable[Column]) -> Iterator[Problem]:
    """SIREN, SIRET and telephone numbers that a spreadsheet rounded, or whose first zeros it dropped."""
    for column in columns:
        rounded = list(_of_rounded(form, [column]))
        yield from rounded
        cells = form.cells.sample(column.position)
        short = sum(count for cell, count in cells.items() if _lost_zeros(cell.strip()))
        if short and not rounded and _FIRM.search(key(column.heading)):
            yield remark(
                form,
                f"{counted(short, 'numéro')} dont les premiers zéros sont perdus dans un tableur",
                "un SIREN de 9 chiffres, un SIRET de 14",
                "exportez de nouveau depuis l'outil, ou mettez cette colonne au format Texte avant de la coller",
                column=column.heading,
            )


def _of_rounded(form: Form, columns: Iterable[Column]) -> Iterator[Problem]:
    for column in columns:
        if not any(SCIENTIFIC.fullmatch(cell.strip()) for cell in form.cells.sample(column.position)):
            continue
        counts = form.cells.counts(column.position)
        yield remark(
            form,
            f"{counted(_rounded(counts), 'numéro arrondi', 'numéros arrondis')} par un tableur (comme 1,14E+11), "
            "dont les derniers chiffres sont perdus",
            "des numéros entiers",
            "exportez de nouveau depuis l'outil, et n'enregistrez pas le fichier depuis Excel, ou mettez d'abord cette "
            "colonne au format Texte",
            column=column.heading,
        )


def _rounded(counts: Mapping[str, int]) -> int:
    return sum(count for cell, count in counts.items() if SCIENTIFIC.fullmatch(cell.strip()))


_FIRM = re.compile(r"\bsire[nt]\b")


def _lost_zeros(cell: str) -> bool:
    if not cell.isascii() or not cell.isdigit():
        return False
    return (6 <= len(cell) < 9 and siren.is_valid(cell.zfill(9))) or (
        11 <= len(cell) < 14 and siret.is_valid(cell.zfill(14))
    )


def of_dates(form: Form, columns: Iterable[Column]) -> Iterator[Problem]:
    """A bracket such as 10-49 that a spreadsheet made a date of; a column of months only is none."""
    for column in columns:
        counts = form.cells.counts(column.position)
        turned = {cell for cell in counts if len(cell) <= 10 and _DATE_FOR_RANGE.fullmatch(cell.strip())}
        others = sum(1 for cell in counts if cell.strip() and cell not in turned and cell not in form.not_shown)
        if turned and others:
            cells = form.cells[column.position]
            first = next(row for row in range(len(form.numbers)) if cells[row] in turned)
            number = sum(counts[cell] for cell in turned)
            yield remark(
                form,
                f"{counted(number, 'réponse devenue une date', 'réponses devenues des dates')} (comme 10-49 en oct-49)",
                "des tranches telles que le formulaire les propose",
                "exportez de nouveau depuis l'outil, et n'enregistrez pas le fichier depuis Excel",
                row=form.numbers[first],
                column=column.heading,
            )
