"""Tally's export. No real file is at hand: these rows are made from its documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from observatory.editions.model import Edition
from observatory.ingest.catalogue import catalogue
from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.matching import match_columns
from observatory.ingest.tools import read_form
from observatory.ingest.tools.tally import TOOL

Shared = Callable[[str], Path]
AsCsv = Callable[..., str]

FREINS = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
ROWS = [
    [
        *("Submission ID", "Respondent ID", "Submitted at", "N° SIREN"),
        *(FREINS, f"{FREINS} (Lenteur des décisions)", f"{FREINS} (Aucun)", "Vos remarques", "Vos remarques (suite)"),
    ],
    ["PgYbzQ", "l0WyWk", "2025-10-01 10:00:00", "012345678", "Lenteur des décisions", "true", "false", "a", "b"],
    ["QhZcaR", "m1XzXl", "2025-10-01 11:00:00", "732829320", "Aucun", "false", "true", "", ""],
]


def test_tally_is_read(as_csv: AsCsv) -> None:
    form = read_form(parse_document(as_csv(ROWS, ",").encode(), "tally.csv"))
    assert (form.tool, form.tool_id) == ("tally", ["PgYbzQ", "QhZcaR"])
    assert form.submitted_at == ["2025-10-01T10:00:00", "2025-10-01T11:00:00"]
    assert set(form.complete) == set(form.test) == {None}
    assert [column.role for column in form.columns[:3]] == ["id", "other", "submitted"]
    assert form.cells[form.columns[3].position][0] == "012345678"


def test_options_are_read_and_the_joined_column_is_left_out(as_csv: AsCsv) -> None:
    form = read_form(parse_document(as_csv(ROWS, ",").encode(), "tally.csv"))
    found = [column for column in form.columns if column.kind == "multiple"]
    assert [(column.question, column.option) for column in found] == [
        (FREINS, "Lenteur des décisions"),
        (FREINS, "Aucun"),
    ]
    assert FREINS not in {column.heading for column in form.columns}
    assert [column.option for column in form.columns if "remarques" in column.heading] == ["", ""]


def test_options_find_their_question(as_csv: AsCsv, edition: Edition) -> None:
    form = read_form(parse_document(as_csv(ROWS, ",").encode(), "tally.csv"))
    matches = match_columns(form, catalogue(edition, "startup"), {})
    assert {match.target for match in matches if match.status == "certain"} == {
        *("siren", "obstacles__slow", "obstacles__none", "comment"),
    }


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        assert TOOL.recognise(open_document(path)) == 0, path
