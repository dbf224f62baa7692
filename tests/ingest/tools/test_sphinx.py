"""Sphinx iQ: the workbook with its codebook, and the template without."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from observatory.ingest.documents import Document, open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.sphinx import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]
Rows = Sequence[Sequence[str]]


def workbook(answers: Rows, variables: Rows, **said: str) -> Document:
    """A synthetic workbook, laid out as Sphinx iQ does."""
    codebook = [
        ["Informations d'export :", "Fichier de données produit par Sphinx iQ"],
        ["", "Nombre d'observations exportées", said.get("exported", str(len(answers) - 1))],
        ["", "Filtre(s)", said.get("filter", "")],
        *variables,
    ]
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        for name, rows in (("Enquête", [[], *answers]), ("information", codebook)):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return parse_document(packed.getvalue(), "export.xlsx")


def test_real_export_against_its_codebook(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/sphinx/sphinx_iq_annecy.xlsx")))
    assert (form.tool, len(form.numbers), len(form.columns), form.tool_id[:2]) == ("sphinx", 25, 33, ["1", "2"])
    kinds = Counter(column.kind for column in form.columns)
    assert kinds == {None: 1, "single": 13, "multiple": 13, "text": 5, "number": 1}
    packed = [column for column in form.columns if column.question == "Si oui, lesquels ?"]
    assert len(packed) == 6
    assert {column.code for column in packed} == {"cases-a-cocher"}
    assert {column.option for column in packed} == {""}
    assert packed[0].options == ("Musées", "Lieux en pleine nature", "Châteaux", "Festivals", "Églises", "Autre")


def test_real_export_lacks_a_row_that_its_codebook_counts(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/sphinx/sphinx_iq_annecy.xlsx")))
    (warning,) = form.warnings
    assert ("26" in warning.found, "25" in warning.found, warning.severity) == (True, True, "warning")


def test_template_without_codebook(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/sphinx/sphinx_template.xlsx")))
    assert (form.tool, len(form.numbers), form.header_rows, form.tool_id) == ("sphinx", 1, 2, ["1"])
    multiple = Counter(column.question for column in form.columns if column.kind == "multiple")
    assert multiple == {"Si oui, lesquels ?": 2, "Question_Plusieurs_Réponses_Selec ?": 3}


def test_own_variables_are_metadata() -> None:
    form = read_form(
        workbook(
            [
                ["", "Votre âge ?", "Clé", "Date d'enregistrement", "Langue", "Progression"],
                ["1", "12", "k1", "23/11/2025 13:56:34", "FR", "Terminé"],
                ["2", "13", "k2", "24/11/2025 13:56:34", "EN", "En cours"],
                ["3", "14", "k3", "25/11/2025 13:56:34", "EN", "inconnu"],
            ],
            [
                ["", "V1. age", "ON", ""],
                ["", "V2. CLE", "OC", ""],
                ["", "V3. DATE_ENREG", "OD", ""],
                ["", "V4. LANG_SAISIE", "OC", ""],
                ["", "V5. PROGRESSION", "FU", "En cours ; Terminé ; QuotaFull ; ScreenOut"],
            ],
        )
    )
    assert [column.role for column in form.columns] == ["id", None, "other", "submitted", "language", "complete"]
    assert form.complete == ["true", "false", None]
    assert form.submitted_at[0] == "2025-11-23T13:56:34"
    assert form.warnings == ()


def test_codebook_of_other_columns_is_left_aside_and_said() -> None:
    form = read_form(
        workbook(
            [["", "Vos freins ?_1", "Vos freins ?_2", "Ajoutée"], ["1", "Coût", "", "x"]],
            [["", "V1. age", "ON", ""]],
            filter="2024",
        )
    )
    assert [(column.question, column.kind) for column in form.columns[1:]] == [
        ("Vos freins ?", "multiple"),
        ("Vos freins ?", "multiple"),
        ("Ajoutée", None),
    ]
    assert [warning.found.split()[1] for warning in form.warnings] == ["export", "feuille"]


def test_a_sheet_called_information_is_not_enough() -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        book.add_worksheet("Réponses").write_row(0, 0, ["Nom", "Âge"])
        book.add_worksheet("information").write_row(0, 0, ["Mode d'emploi"])
    assert TOOL.recognise(parse_document(packed.getvalue(), "export.xlsx")) == 0


def test_codebook_alone_is_refused() -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        book.add_worksheet("information").write_row(0, 0, ["", "Fichier de données produit par Sphinx iQ"])
    with pytest.raises(ProblemsError, match="sans feuille de réponses"):
        read_form(parse_document(packed.getvalue(), "export.xlsx"))
