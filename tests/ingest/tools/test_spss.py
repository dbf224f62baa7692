"""SPSS files: labels, multiple-response sets, missing values, and what other tools' variables tell."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Form
from observatory.ingest.tools.spss import TOOL
from observatory.problems import ProblemsError

Shared = Callable[[str], Path]

ANSWERS = pd.DataFrame(
    {
        "id": [1.0, 2.0, 114083000000.0],
        "siren": ["012345678 ", "732829320", ""],
        "contact": [1.0, 2.0, 99.0],
        "freins_1": [1.0, 0.0, None],
        "freins_2": [0.0, 1.0, None],
        "choix_1": [1.0, 2.0, None],
        "choix_2": [2.0, None, None],
        "ca": [12.345, 1234.5, None],
        "depuis": [dt.date(2025, 1, 2), None, None],
        "submitdate": [dt.datetime.fromisoformat("2025-10-02T14:30:00"), None, None],
    }
)
YES_NO = {1: "Cité", 0: "Non cité"}
CHOICES = {1: "Lenteur", 2: "Aucun"}
SETS = b"$freins=D1 1 12 Vos freins ? freins_1 freins_2\n$choix=C 11 Vos choix ? choix_1 choix_2\n"


def sav(folder: Path, answers: pd.DataFrame = ANSWERS, *, sets: bytes = b"", suffix: str = ".sav") -> bytes:
    """The answers as SPSS saves them; `sets` is its own notation of multiple-response sets."""
    path = folder / f"answers{suffix}"
    pyreadstat.write_sav(
        answers,
        path,
        column_labels={"contact": "Le premier contact ?", "freins_1": "Lenteur", "freins_2": "Aucun"},
        variable_value_labels={
            "contact": {1: "Un salon", 2: "Un ami", 99: "Sans réponse"},
            **dict.fromkeys(("freins_1", "freins_2"), YES_NO),
            **dict.fromkeys(("choix_1", "choix_2"), CHOICES),
        }
        if answers is ANSWERS
        else {},
        missing_ranges={"contact": [99]} if answers is ANSWERS else {},
        compress=suffix == ".zsav",
    )
    data = path.read_bytes()
    if not sets:
        return data
    end = data.index(struct.pack("<ii", 999, 0))
    return data[:end] + struct.pack("<iiii", 7, 7, 1, len(sets)) + sets + data[end:]


def cells(form: Form, code: str) -> list[str]:
    return list(form.cells[next(column.position for column in form.columns if column.code == code)])


@pytest.mark.parametrize(("name", "rows"), [("ona_children.sav", 3), ("ona_childrens_survey.sav", 2)])
def test_real_files(shared: Shared, name: str, rows: int) -> None:
    form = read_form(open_document(shared(f"forms/spss/{name}")))
    assert (form.tool, len(form.numbers), len(form.columns)) == ("spss", rows, 22)
    assert None not in [column.role for column in form.columns if column.code.startswith("@")]


def test_real_texts_are_labels_and_codes_are_names(shared: Shared) -> None:
    form = read_form(open_document(shared("forms/spss/ona_children.sav")))
    age = next(column for column in form.columns if column.code == "age")
    assert (age.question, list(form.cells[age.position])) == ("3.2 Child age", ["5", "2", "3"])


@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
def test_values_are_read_as_spss_shows_them(tmp_path: Path, suffix: str) -> None:
    form = read_form(parse_document(sav(tmp_path, suffix=suffix), f"answers{suffix}"))
    assert form.tool_id == ["1", "2", "114083000000"]
    assert cells(form, "siren") == ["012345678", "732829320", ""]
    assert cells(form, "contact") == ["Un salon", "Un ami", ""]
    assert cells(form, "ca") == ["12.3450", "1234.5", ""]
    assert cells(form, "depuis") == ["2025-01-02", "", ""]
    assert form.submitted_at == ["2025-10-02T14:30:00", None, None]
    contact = next(column for column in form.columns if column.code == "contact")
    assert (contact.question, contact.kind) == ("Le premier contact ?", "single")
    assert contact.options == ("Un salon", "Un ami", "Sans réponse")


def test_set_of_ticks_is_one_question(tmp_path: Path) -> None:
    form = read_form(parse_document(sav(tmp_path, sets=SETS), "answers.sav"))
    found = [column for column in form.columns if column.code == "freins"]
    assert [(column.question, column.option, column.kind) for column in found] == [
        ("Vos freins ?", "Lenteur", "multiple"),
        ("Vos freins ?", "Aucun", "multiple"),
    ]
    assert found[0].options == ("Lenteur", "Aucun")
    assert [list(form.cells[column.position]) for column in found] == [["1", "0", ""], ["0", "1", ""]]


def test_set_of_categories_is_one_question_whose_labels_are_packed(tmp_path: Path) -> None:
    form = read_form(parse_document(sav(tmp_path, sets=SETS), "answers.sav"))
    found = [column for column in form.columns if column.code == "choix"]
    assert [(column.question, column.option, column.kind) for column in found] == [("Vos choix ?", "", "multiple")] * 2
    assert found[0].options == ("Lenteur", "Aucun")
    assert [list(form.cells[column.position]) for column in found] == [["Lenteur", "Aucun", ""], ["Aucun", "", ""]]


def test_previews_of_qualtrics_are_told(tmp_path: Path) -> None:
    answers = pd.DataFrame(
        {
            "ResponseId": ["R_1aaaaaaaaaaaaaa", "R_2aaaaaaaaaaaaaa"],
            "EndDate": [dt.datetime.fromisoformat("2025-10-02T14:30:00")] * 2,
            "Status": [0.0, 1.0],
            "Finished": [1.0, 0.0],
            "IPAddress": ["", ""],
        }
    )
    form = read_form(parse_document(sav(tmp_path, answers), "answers.sav"))
    assert (form.test, form.complete) == (["false", "true"], ["true", "false"])
    assert form.tool_id == ["R_1aaaaaaaaaaaaaa", "R_2aaaaaaaaaaaaaa"]
    assert None not in [column.role for column in form.columns]


def test_values_without_label_are_said(tmp_path: Path) -> None:
    answers = ANSWERS.assign(freins_1=[1.0, 5.0, None])
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(answers, path, variable_value_labels={"freins_1": YES_NO})
    (warning,) = read_form(open_document(path)).warnings
    assert warning.column == "freins_1" and "sans étiquette" in warning.found


@pytest.mark.parametrize("part", [0.05, 0.5, 0.9, 0.999])
def test_cut_file_is_refused(tmp_path: Path, part: float) -> None:
    data = sav(tmp_path)
    with pytest.raises(ProblemsError, match="SPSS coupé ou abîmé"):
        read_form(parse_document(data[: int(len(data) * part)], "answers.sav"))


def test_nothing_else_is_claimed(shared: Shared) -> None:
    for path in sorted(shared("forms").glob("*/*")):
        assert (TOOL.recognise(open_document(path)) > 0) == (path.suffix == ".sav"), path
