"""Grist documents: the table of answers in an SQLite base, in Grist's own types."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form
from observatory.ingest.tools.grist import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]

FIELDS: Sequence[tuple[str, str, str, object, str]] = (
    ("manualSort", "manualSort", "ManualSortPos", "", ""),
    ("Recu", "Reçu le", "DateTime:Europe/Paris", "", "NOW()"),
    ("siren", "N° SIREN", "Text", "", ""),
    ("Contact", "Le premier contact ?", "Choice", {"choices": ["Un salon", "Un ami"]}, ""),
    ("Freins", "Vos freins ?", "ChoiceList", {"choices": ["Lenteur", "Aucun"]}, ""),
    ("Depuis", "Depuis le", "Date", "", ""),
    ("Ok", "Avez-vous travaillé ?", "Bool", "", ""),
    ("CA", "Chiffre d'affaires", "Numeric", "", ""),
    ("Region", "Région", "Ref:Regions", "", ""),
    ("gristHelper_Display", "gristHelper_Display", "Any", "", "$Region.Nom"),
)
ROWS = (
    (2, 2.0, 1759298400.5, "012345678", "Un salon", '["L", "Lenteur", "Aucun"]', 1759276800, 1, 12.345, 1, "Île"),
    (1, 1.0, None, "732829320", "", '["Aucun"]', None, 0, 110.0, 0, ""),
    (3, 3.0, None, "", "", None, None, 0, b"\x80error", 7, ""),
)


def document(form_on: int | None = None, rows: Sequence[tuple[object, ...]] = ROWS) -> bytes:
    """A document with a table of answers, one of regions (more rows), a summary and what an import left behind."""
    base = sqlite3.connect(":memory:")
    base.executescript(
        "CREATE TABLE _grist_Tables (id, tableId, summarySourceTable);"
        "CREATE TABLE _grist_Tables_column (id, parentId, parentPos, colId, label, type, widgetOptions, isFormula,"
        " formula, visibleCol);"
        "CREATE TABLE _grist_Views_section (tableRef, parentKey);"
        "CREATE TABLE Regions (id INTEGER, manualSort REAL, Nom TEXT, Code TEXT);"
        "CREATE TABLE Reponses_summary (id INTEGER, a, b, c, d, e, f, g, h, i, j, k);"
        "CREATE TABLE GristHidden_import (id INTEGER, a, b, c, d, e, f, g, h, i, j, k);"
        f"CREATE TABLE Reponses (id INTEGER, {', '.join(code for code, *_ in FIELDS)});"
    )
    tables = [(1, "Reponses", 0), (2, "Regions", 0), (3, "Reponses_summary", 1), (4, "GristHidden_import", 0)]
    base.executemany("INSERT INTO _grist_Tables VALUES (?, ?, ?)", tables)
    columns = [(2, "Nom", "Nom", "Text", "", ""), (2, "Code", "Code", "Text", "", "")]
    columns += [(1, *field) for field in FIELDS]
    columns += [(table, name, name, "Text", "", "") for table in (3, 4) for name in "abcdefghijk"]
    for id, (table, code, label, kind, widget, formula) in enumerate(columns, 1):
        options = json.dumps(widget) if widget else ""
        computed, shown = code.startswith("gristHelper"), 1 if kind.startswith("Ref:") else 0
        base.execute(
            "INSERT INTO _grist_Tables_column VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (id, table, id, code, label, kind, options, computed, formula, shown),
        )
    base.executemany("INSERT INTO Regions VALUES (?, ?, ?, ?)", [(id, id, f"Région {id}", "") for id in range(1, 6)])
    base.executemany(f"INSERT INTO Reponses VALUES ({', '.join('?' * 11)})", rows)
    if form_on is not None:
        base.execute("INSERT INTO _grist_Views_section VALUES (?, 'form')", (form_on,))
    base.commit()
    return base.serialize()


def cells(form: Form, heading: str) -> list[str]:
    return list(form.cells[next(column.position for column in form.columns if column.heading == heading)])


def test_real_document(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/grist/FieldSettings.grist")))
    assert (form.tool, form.table.sheet, len(form.numbers)) == ("grist", "People", 23)
    assert [(column.heading, column.code) for column in form.columns if column.heading == "State"] == [("State", "A")]
    assert cells(form, "Zip")[0] == "12753-5482" and form.tool_id[0] == "1"
    (warning,) = form.warnings
    assert "2 tables ; seule « People » est lue, pas « Rates »" in warning.found


@pytest.mark.parametrize("name", ["choice.csv", "filtered-ref-list.csv", "numeric.csv", "toggle.csv", "Exports.xlsx"])
def test_its_tables_in_other_formats_have_no_signature(shared: Shared, name: str) -> None:
    assert read_form(open_document(shared(f"forms/grist/{name}"))).tool == "plain"


def test_values_are_read_as_grist_shows_them() -> None:
    form = read_form(parse_document(document(), "base.grist"))
    assert (form.tool_id, form.table.sheet, tuple(form.numbers)) == (["1", "2", "3"], "Reponses", (1, 2, 3))
    assert form.submitted_at == [None, "2025-10-01T08:00:00", None]
    assert cells(form, "N° SIREN") == ["732829320", "012345678", ""]
    assert cells(form, "Vos freins ?") == ["Aucun", "Lenteur; Aucun", ""]
    assert cells(form, "Depuis le") == ["", "2025-10-01", ""]
    assert cells(form, "Avez-vous travaillé ?") == ["false", "true", "false"]
    assert cells(form, "Chiffre d'affaires") == ["110", "12.3450", ""]
    assert cells(form, "Région") == ["", "Région 1", "7"]


def test_choices_are_told() -> None:
    form = read_form(parse_document(document(), "base.grist"))
    found = {column.code: column for column in form.columns}
    assert (found["Contact"].kind, found["Contact"].options) == ("single", ("Un salon", "Un ami"))
    assert (found["Freins"].kind, found["Freins"].options) == ("multiple", ("Lenteur", "Aucun"))
    assert "gristHelper_Display" not in found and "manualSort" not in found


def test_cells_in_error_are_said() -> None:
    form = read_form(parse_document(document(), "base.grist"))
    assert [(warning.column, warning.found[:9]) for warning in form.warnings if "erreur" in warning.found] == [
        ("Chiffre d'affaires", "1 cellule")
    ]


@pytest.mark.parametrize("moment", [1e20, -1e20, float("inf")])
def test_date_of_no_calendar_is_left_unread_and_said(moment: float) -> None:
    row = (1, 1.0, moment, "732829320", "", None, moment, 0, 0, 0, "")
    form = read_form(parse_document(document(rows=[row]), "base.grist"))
    assert cells(form, "Depuis le") == [""] and form.submitted_at == [None]
    assert [(warning.column, warning.found[:9]) for warning in form.warnings if "calendrier" in warning.found] == [
        ("Reçu le", "1 cellule"),
        ("Depuis le", "1 cellule"),
    ]


def test_rows_in_which_nobody_wrote_are_no_respondents() -> None:
    begun = (4, 4.0, 1759298400.5, "", "", None, None, 0, 0, 0, "")
    blank = (5, 5.0, None, None, None, None, None, None, None, None, None)
    ticked = (6, 6.0, None, "", "", None, None, 1, 0, 0, "")
    form = read_form(parse_document(document(rows=[*ROWS, begun, blank, ticked]), "base.grist"))
    assert (form.tool_id, tuple(form.numbers)) == (["1", "2", "3", "6"], (1, 2, 3, 6))
    assert [warning.found for warning in form.warnings if "rangée" in warning.found] == [
        "2 rangées où rien n'est écrit"
    ]


def test_table_filled_by_a_form_comes_first() -> None:
    assert read_form(parse_document(document(form_on=2), "base.grist")).table.sheet == "Regions"


def test_document_whose_changes_were_kept_beside_it_is_read() -> None:
    data = document()
    assert len(read_form(parse_document(data[:18] + b"\x02\x02" + data[20:], "base.grist")).numbers) == 3


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_cut_document_is_refused(part: float) -> None:
    data = document()
    with pytest.raises(ProblemsError, match="coupé ou abîmé"):
        read_form(parse_document(data[: int(len(data) * part)], "base.grist"))


def test_another_base_is_refused() -> None:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE answers (a, b)")
    with pytest.raises(ProblemsError, match="base SQLite"):
        read_form(parse_document(base.serialize(), "base.sqlite"))


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        assert (TOOL.recognise(open_document(path)) > 0) == (path.suffix == ".grist"), path
