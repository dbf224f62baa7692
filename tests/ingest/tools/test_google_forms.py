"""Google Forms: its own CSV, and what its spreadsheet is saved as, in several languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form
from observatory.ingest.tools.google_forms import TOOL

Read = Callable[..., Form]
Shared = Callable[[str], Path]


@pytest.fixture
def read(as_csv: Callable[..., str]) -> Read:
    return lambda *rows: read_form(parse_document(as_csv(rows, ",").encode(), "reponses.csv"))


def real(shared: Shared, name: str) -> Form:
    return read_form(open_document(shared(f"forms/googleforms/{name}")))


@pytest.mark.parametrize(
    ("name", "rows", "columns", "first"),
    [
        ("cncf_maintainer_2017h1.csv", 19, 8, "2017-09-18T18:00:16"),
        ("cncf_maintainer_2018h1.csv", 56, 8, "2018-06-21T23:29:42"),
        ("dask_2019.csv.gz", 259, 24, "2019-06-25T06:59:49"),
        ("dask_2020.csv.gz", 239, 25, "2020-06-05T11:34:01"),
        ("ptbr_survey-responses.xlsx", 101, 52, "2023-10-10T11:54:45"),
        ("spack_2021.csv", 179, 54, "2021-12-16T01:17:04"),
        ("spack_2022.csv", 182, 58, "2023-02-26T14:12:52"),
    ],
)
def test_real_exports(name: str, rows: int, columns: int, first: str, shared: Shared) -> None:
    form = real(shared, name)
    assert (form.tool, len(form.numbers), len(form.columns)) == ("googleforms", rows, columns)
    assert None not in form.submitted_at
    assert form.submitted_at[0] == first
    assert set(form.complete) == {"true"}


def test_averages_under_the_answers_are_left_out_and_said(shared: Shared) -> None:
    form = real(shared, "cncf_maintainer_2017h1.csv")
    (warning,) = form.warnings
    assert (warning.row, warning.severity) == (21, "warning")
    assert "moyennes" in warning.found
    assert 21 not in form.numbers


def test_workbook_and_csv_of_the_same_answers_are_equal(shared: Shared) -> None:
    csv, workbook = real(shared, "spack_2022.csv"), real(shared, "spack_2022.xlsx")
    assert csv.columns == workbook.columns
    assert csv.submitted_at == workbook.submitted_at
    assert all(list(csv.cells[c.position]) == list(workbook.cells[c.position]) for c in csv.columns[1:])


def test_grids_are_told_from_questions_that_end_in_brackets(shared: Shared, read: Read) -> None:
    assert sum(bool(column.option) for column in real(shared, "spack_2020.csv").columns) == 16
    form = read(
        ["Horodateur", "Avis [Prix]", "Avis [Délai]", "Effectif [en ETP]"], ["01/10/2025 10:00:00", "1", "2", "3"]
    )
    assert [(column.question, column.option) for column in form.columns[1:]] == [
        ("Avis", "Prix"),
        ("Avis", "Délai"),
        ("Effectif [en ETP]", ""),
    ]


def test_filler_of_questions_not_asked_is_no_answer(shared: Shared, read: Read) -> None:
    form = real(shared, "ptbr_survey-responses.xlsx")
    assert (form.not_shown, form.tool_id[0]) == ({"---"}, "P01")
    typed = read(["Horodateur", "Remarques"], ["01/10/2025 10:00:00", "---"], ["02/10/2025 10:00:00", "ras"])
    assert typed.not_shown == frozenset()


@pytest.mark.parametrize(
    ("heading", "moment", "iso"),
    [
        ("Horodateur", "03/04/2025 10:00:00", "2025-04-03T10:00:00"),
        ("Informazioni cronologiche", "03/04/2025 10.00.00", "2025-04-03T10:00:00"),
        ("Carimbo de data/hora", "03/04/2025 10:00:00", "2025-04-03T10:00:00"),
        ("Zeitstempel", "03.04.2025 10:00:00", "2025-04-03T10:00:00"),
        ("Marca temporal", "3/04/2025 10:00:00", "2025-04-03T10:00:00"),
        ("Timestamp", "3/4/2025 10:00:00", "2025-03-04T10:00:00"),
        ("Timestamp", "03/04/2025 10:00:00", "2025-04-03T10:00:00"),
        ("Horodateur", "2025/04/03 10:00:00 PM UTC+2", "2025-04-03T22:00:00"),
    ],
)
def test_timestamps_of_every_language(heading: str, moment: str, iso: str, read: Read) -> None:
    form = read([heading, "Votre âge ?"], [moment, "12"])
    assert (form.tool, form.submitted_at) == ("googleforms", [iso])


def test_totals_are_dropped_and_answers_typed_by_hand_are_kept(read: Read) -> None:
    form = read(
        ["Horodateur", "Votre âge ?", "Votre client ?"],
        ["01/10/2025 10:00:00", "12", "Airbus"],
        ["", "15", "Total"],
        ["", "", ""],
        ["Moyenne", "13,5", ""],
        ["", "27", "100 %"],
    )
    assert form.numbers == (2, 3)
    assert form.complete == ["true", None]
    assert sorted(warning.row or 0 for warning in form.warnings) == [3, 5, 6]


def test_addresses_and_quiz_points_are_no_questions(read: Read) -> None:
    form = read(
        ["Timestamp", "Email Address", "Score", "Your age?", "Your age? [Score]", "Email Address"],
        ["2025/10/01 10:00:00 AM UTC+2", "a@example.org", "1 / 2", "12", "1.00 / 1", "b@example.org"],
    )
    assert [column.role for column in form.columns] == ["submitted", "other", "other", None, "other", None]


def test_a_timestamp_that_heads_no_dates_is_no_google_form(as_csv: Callable[..., str]) -> None:
    document = parse_document(as_csv([["Timestamp", "Q"], ["abc", "1"], ["def", "2"]]).encode(), "export.csv")
    assert TOOL.recognise(document) == 0
