"""EUSurvey: the workbook of contributions, with and without the ids of its questions and answers."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import xlsxwriter

from observatory.ingest.documents import Document, open_document, parse_document
from observatory.ingest.tools import read_form


def export(*rows: Sequence[str]) -> Document:
    """A synthetic workbook, laid out as EUSurvey does."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet = book.add_worksheet("Content")
        for number, row in enumerate([["Alias", "barometre"], ["Export Date", "2025-10-17"], [], *rows]):
            sheet.write_row(number, 0, row)
    return parse_document(packed.getvalue(), "Content_Export.xlsx")


def test_real_export_with_assigned_values(shared: Callable[[str], Path]) -> None:
    form = read_form(open_document(shared("forms/eusurvey/everse_2024_assigned-values.xls")))
    assert (form.tool, len(form.numbers), len(form.columns), form.header_rows) == ("eusurvey", 28, 228, 3)
    assert (form.submitted_at[0], set(form.complete)) == ("2024-10-07T18:19:14", {"true"})
    columns = {column.code: column for column in form.columns if not column.option_code}
    assert columns["P3"].question == "The perspective you assume in the survey is"
    assert set(form.cells.counts(columns["S1"].position)) == {"Yes", "No", "I don't know"}
    roles = columns["P4"]
    assert roles.kind == "multiple"
    assert "research software manager; representative of an organization / institution / group; other" in " ".join(
        form.cells.counts(roles.position)
    )
    assert not any("(ID" in cell for cell in form.cells[roles.position])
    row = columns["S1_App_L1"]
    assert (row.option, row.question.endswith("Relative importance of the level")) == ("Analysis Code", True)
    assert [c.option for c in form.columns if c.option_code == "ID2463"] == ["Practice description"] * 3


def test_ids_are_taken_off_only_where_every_answer_has_one() -> None:
    form = read_form(
        export(
            ["Vos freins ? (Q1)", "Vos remarques (Q2)", "Date de création"],
            ["Coût (hors taxes)(ID7); Lenteur(ID8)", "voir Dupont(Paris)", "2025-10-01"],
            ["Lenteur(ID8)", "rien", "2025-10-02"],
        )
    )
    assert list(form.cells[0]) == ["Coût (hors taxes); Lenteur", "Lenteur"]
    assert list(form.cells[1]) == ["voir Dupont(Paris)", "rien"]
    assert [(column.question, column.code, column.kind) for column in form.columns[:2]] == [
        ("Vos freins ?", "Q1", "multiple"),
        ("Vos remarques", "Q2", None),
    ]


def test_headings_keep_their_brackets_where_not_all_have_one() -> None:
    form = read_form(export(["Votre pays (siège)", "Votre âge", "Creation date"], ["France", "12", "2025-10-01"]))
    assert [(column.question, column.code) for column in form.columns[:2]] == [
        ("Votre pays (siège)", ""),
        ("Votre âge", ""),
    ]


def test_french_metadata_stand_last() -> None:
    form = read_form(
        export(
            [
                *("Langues", "Avis", "Numéro d'identification de la contribution", "Nom d'utilisateur"),
                *("Date de création", "Dernière mise à jour", "Langues"),
            ],
            ["français", "bon", "0a1b", "anonymous", "2025-10-01", "2025-10-02", "FR"],
        )
    )
    assert [column.role for column in form.columns] == [None, None, "id", "other", "submitted", "other", "language"]
    assert (form.tool_id, form.language, form.submitted_at) == (["0a1b"], ["FR"], ["2025-10-01"])


def test_multiple_choice_exported_one_column_an_option_is_said() -> None:
    form = read_form(
        export(
            ["Vos freins ?", "Coût", "Lenteur", "Êtes-vous satisfait ?", "Creation date"],
            ["", "Yes", "No", "Yes", "2025-10-01"],
            ["", "No", "No", "No", "2025-10-02"],
        )
    )
    assert [(column.question, column.option, column.kind) for column in form.columns[:4]] == [
        ("Vos freins ?", "", None),
        ("Vos freins ?", "Coût", "multiple"),
        ("Vos freins ?", "Lenteur", "multiple"),
        ("Êtes-vous satisfait ?", "", None),
    ]
    assert [warning.column for warning in form.warnings] == ["Vos freins ?"]
