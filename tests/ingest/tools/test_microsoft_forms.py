"""Microsoft Forms: the workbook of responses and what Excel makes of it, in several languages."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form

Read = Callable[..., Form]
Shared = Callable[[str], Path]


@pytest.fixture
def read(as_csv: Callable[..., str]) -> Read:
    return lambda *rows: read_form(parse_document(as_csv(rows).encode(), "reponses.csv"))


def test_real_export_saved_by_excel(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/msforms/rse_ah_2024_uk.csv")))
    assert (form.tool, len(form.numbers), len(form.columns)) == ("msforms", 24, 51)
    assert (form.tool_id[0], form.submitted_at[0], form.submitted_at[-1]) == (
        "1",
        "2024-10-16T17:11:00",
        "2024-11-14T11:47:00",
    )
    assert set(form.complete) == {"true"}
    kinds = {column.position + 1: column.kind for column in form.columns if column.kind}
    # Column 17 asks to rank, and each of its cells holds all items.
    assert kinds == {5: "multiple", 8: "multiple", 17: "ranking", 26: "ranking", 39: "multiple"} | {
        48: "multiple",
        49: "multiple",
    }
    assert form.columns[25].options == ("collaboration frameworks", "policy interventions", "professional rights")
    assert not any("\n" in column.heading or "\u00a0" in column.heading for column in form.columns)


@pytest.mark.parametrize(
    "metadata",
    [
        ("ID", "Start time", "Completion time", "Email", "Name"),
        ("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"),
        ("ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"),
        ("Id", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"),
    ],
)
def test_workbook_in_every_language(metadata: tuple[str, ...]) -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet, date = book.add_worksheet("Sheet1"), book.add_format({"num_format": "m/d/yy h:mm:ss"})
        sheet.write_row(0, 0, [*metadata, "Vos freins\u00a0?\n", "Votre SIREN"])
        sheet.write_row(1, 0, [1, "", "", "anonymous", "", "Coût;Lenteur; retards;", "012345678"])
        for column, moment in ((1, "2025-10-02T14:03:00"), (2, "2025-10-02T14:09:00")):
            sheet.write_datetime(1, column, dt.datetime.fromisoformat(moment), date)
    form = read_form(parse_document(packed.getvalue(), "Questionnaire.xlsx"))
    assert (form.tool, form.tool_id, form.submitted_at) == ("msforms", ["1"], ["2025-10-02T14:09:00"])
    assert [column.role for column in form.columns] == ["id", "other", "submitted", "other", "other", None, None]
    assert (form.columns[5].question, form.columns[5].kind, form.columns[6].kind) == ("Vos freins ?", "multiple", None)
    assert form.cells[6][0] == "012345678"


def test_points_and_comments_of_a_quiz_are_no_questions(read: Read) -> None:
    form = read(
        [
            *("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Total points", "Quiz feedback"),
            *("Heure de la dernière modification", "Nom", "Points – Nom", "Feedback – Nom", "Points – de vue"),
        ],
        ["1", "01/10/2025 10:00", "01/10/2025 10:05", "anonymous", "", "3", "", "", "x", "1", "", "y"],
    )
    assert [column.heading for column in form.columns if column.role is None] == ["Nom", "Points – de vue"]


def test_american_dates_saved_by_excel(read: Read) -> None:
    header = ["ID", "Start time", "Completion time", "Name"]
    assert read(header, ["1", "3/4/25 9:00", "3/4/25 9:05", "x"]).submitted_at == ["2025-03-04T09:05:00"]
    assert read(header, ["1", "03/04/2025 09:00", "03/04/2025 09:05", "x"]).submitted_at == ["2025-04-03T09:05:00"]


def test_one_cell_that_does_not_end_with_the_sign_makes_a_text(read: Read) -> None:
    form = read(
        ["ID", "Start time", "Completion time", "Remarques", "Freins"],
        ["1", "", "2025-10-01", "non ;", "a;"],
        ["2", "", "2025-10-01", "oui", ""],
    )
    assert [column.kind for column in form.columns[3:]] == [None, "multiple"]


def test_all_chosen_in_the_same_order_is_no_ranking(read: Read) -> None:
    rows = [[str(id), "", "2025-10-01", "a;b;c;"] for id in range(5)]
    assert read(["ID", "Start time", "Completion time", "Freins"], *rows).columns[3].kind == "multiple"
