"""Through which partner each respondent came: a column of the file, else the folder that the file lies in.

Belongs here: which of the two is taken, and a column under « partenaire » that holds persons instead. Does not belong
here: finding the column by its heading (tools/form.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from observatory.ingest.patterns import EMAIL_DISGUISED
from observatory.ingest.telephones import phones_in
from observatory.ingest.tools.form import Column, Form
from observatory.problems import Problem

_FEW = 5
_MOSTLY_DIFFERENT = 0.8
"""A partner collects from several respondents; a person's name stands once or twice."""


def of_partner(form: Form, folder: str | None) -> tuple[Form, list[Problem]]:
    """The form, where respondents of whom it names no partner are those of the folder's, and what is wrong."""
    problems = []
    column = next((column for column in form.columns if column.role == "partner"), None)
    if column is not None and _holds_persons(_filled(form, column)):
        problems.append(_persons(form, column, folder))
        form = replace(
            form,
            partner=[None] * len(form.numbers),
            columns=tuple(replace(one, role="other") if one is column else one for one in form.columns),
        )
    if folder is not None:
        form = replace(form, partner=[partner or folder for partner in form.partner])
    return form, problems


def _filled(form: Form, column: Column) -> Mapping[str, int]:
    return {cell: count for cell, count in form.cells.counts(column.position).items() if cell.strip()}


def _holds_persons(cells: Mapping[str, int]) -> bool:
    total = sum(cells.values())
    if total >= _FEW and len(cells) >= _MOSTLY_DIFFERENT * total:
        return True
    return any(EMAIL_DISGUISED.search(cell) or phones_in(cell) for cell in cells)


def _persons(form: Form, column: Column, folder: str | None) -> Problem:
    instead = "celui du dossier compte à sa place" if folder else "ces réponses comptent comme sans partenaire"
    return Problem(
        file=form.file,
        column=column.heading,
        found="des coordonnées ou des noms, et non des partenaires : la colonne est écartée",
        expected="le nom du partenaire, le même pour toutes les réponses qu'il a recueillies",
        action=f"rien si cette colonne ne dit pas le partenaire : {instead} ; sinon, remplacez dans l'outil les "
        "coordonnées par le nom du partenaire et exportez de nouveau, ou rangez les fichiers dans un dossier à son nom",
        severity="warning",
    )
