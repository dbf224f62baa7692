"""What the team writes in corrections files, and what becomes of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from observatory.editions.model import Edition
from observatory.validate.corrections import read_corrections
from observatory.validate.numbers import read_number
from observatory.validate.pipeline import Validated, validate
from observatory.validate.quarantine import quarantine

Check = Callable[..., Validated]
SIREN = "732829320"
HEADER = ["Date", "Initiales", "Public", "Répondant", "Question", "Valeur corrigée", "Décision", "Motif"]


@pytest.fixture
def corrections(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """Lines written to a CSV file as French Excel does, and read back."""

    def write(*lines: list[str], encoding: str = "utf-8-sig") -> pd.DataFrame:
        with (tmp_path / "corrections.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=";").writerows([HEADER, *lines])
        frame, problems = read_corrections(tmp_path)
        assert problems == []
        return frame

    return write


def line(
    respondent: str, question: str = "", value: str = "", decision: str = "", date: str = "12/11/2031"
) -> list[str]:
    return [date, "MD", "start-up", respondent, question, value, decision, "appel du 12"]


def effects(validated: Validated) -> list[tuple[str, str]]:
    return list(zip(validated.corrections["status"], validated.corrections["effect"], strict=True))


def test_a_corrected_value_takes_the_place_of_a_refused_one(
    checked: Check, corrections: Callable[..., pd.DataFrame]
) -> None:
    answers = {"total": "1.234", "relation": "yes", "obstacles": "slow; rules; delays"}
    lines = corrections(
        line("r1", "total", "1 234"), line("r1", "obstacles", "Lenteur des décisions ; Délais de paiement")
    )
    validated = checked(answers, corrections=lines)
    assert validated.refused.empty
    assert validated.table["total"].tolist() == [1234]
    assert validated.table["obstacles__delays"].tolist() == [True]
    assert effects(validated) == [("applied", "valeur remplacée")] * 2
    assert "value" not in validated.corrections, "answers stay out of the record of corrections"
    assert validated.corrections["initials"].tolist() == ["MD", "MD"]
    assert validated.corrections["date"].tolist() == ["2031-11-12", "2031-11-12"]


def test_a_correction_is_held_to_the_rules(checked: Check, corrections: Callable[..., pd.DataFrame]) -> None:
    lines = corrections(line("r1", "total", "12 Md€"), line("r1", "since", "demain"))
    validated = checked({"total": "12", "since": "2030-01-01"}, corrections=lines)
    assert [status for status, _ in effects(validated)] == ["refused", "refused"]
    assert validated.table["since__state"].tolist() == ["answered"], "an unreadable correction leaves the answer"
    assert [(problem.file, problem.row, problem.column) for problem in validated.problems] == [
        ("corrections.csv", 3, "Valeur corrigée"),
        ("corrections.csv", 2, "Valeur corrigée"),
    ]
    assert not any("Md" in problem.render() or "demain" in problem.render() for problem in validated.problems)


@pytest.mark.parametrize(
    ("given", "effect"),
    [
        (line("r1", "total", "100,0"), "la réponse valait déjà cela"),
        (line("r1"), "ni valeur corrigée ni décision : rien ne change"),
        (line("r2", "comment", "autre"), "le répondant est retiré (Sans accord)"),
        (line("r1", decision="garder"), "il était déjà gardé"),
        (line("r2", decision="retirer"), "il était déjà retiré"),
        (line("r2", decision="garder"), "on ne peut pas le garder (Sans accord)"),
    ],
)
def test_a_line_without_effect_says_why(
    checked: Check, corrections: Callable[..., pd.DataFrame], given: list[str], effect: str
) -> None:
    validated = checked({"total": "100"}, {"consent": "Non", "comment": "x"}, corrections=corrections(given))
    assert effects(validated) == [("no_effect", effect)]


def test_the_later_of_two_corrections_counts(checked: Check, corrections: Callable[..., pd.DataFrame]) -> None:
    lines = corrections(line("r1", "total", "300", date="2031-11-13"), line("r1", "total", "200", date="12/11/2031"))
    validated = checked({"total": "100"}, corrections=lines)
    assert validated.table["total"].tolist() == [300]
    assert effects(validated) == [
        ("no_effect", "remplacée par une ligne plus récente"),
        ("applied", "valeur remplacée"),
    ]


def test_a_value_can_be_taken_back(checked: Check, corrections: Callable[..., pd.DataFrame]) -> None:
    validated = checked({"total": "100", "comment": "x"}, corrections=corrections(line("r1", "total", "sans réponse")))
    assert validated.table["total__state"].tolist() == ["no_answer"]
    assert effects(validated) == [("applied", "valeur retirée")]


@pytest.mark.parametrize(
    ("given", "column", "action"),
    [
        (line("r9", "total", "1"), "Répondant", "vérifiez la clé"),
        (line("r1", "totla", "1"), "Question", "« total »"),
        (line("r1", "contact_email", "a@b.fr"), "Question", "identifiant"),
    ],
)
def test_a_line_on_nobody_or_nothing_is_refused(
    checked: Check, corrections: Callable[..., pd.DataFrame], given: list[str], column: str, action: str
) -> None:
    validated = checked({"comment": "x"}, corrections=corrections(given))
    (problem,) = validated.problems
    assert (problem.file, problem.row, problem.column) == ("corrections.csv", 2, column)
    assert action in problem.action
    assert validated.corrections["status"].tolist() == ["refused"]


@pytest.mark.parametrize(
    ("position", "cell", "column"),
    [
        (0, "le 12", "Date"),
        (0, "", "Date"),
        (1, "", "Initiales"),
        (2, "tous", "Public"),
        (3, "", "Répondant"),
        (4, "", "Question"),
        (6, "peut-être", "Décision"),
        (6, "garder", "Décision"),
    ],
)
def test_a_line_must_be_dated_signed_and_clear(tmp_path: Path, position: int, cell: str, column: str) -> None:
    faulty = line("r1", "total", "1")
    faulty[position] = cell
    with (tmp_path / "c.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEADER, faulty])
    frame, problems = read_corrections(tmp_path)
    assert [(problem.file, problem.row, problem.column) for problem in problems] == [("c.csv", 2, column)]
    assert frame["status"].tolist() == ["refused"]


def test_a_file_that_is_no_corrections_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "c.csv").write_text("un;deux\n1;2\n", encoding="utf-8")
    (tmp_path / "~$d.xlsx").write_bytes(b"lock of a file open in Excel")
    frame, problems = read_corrections(tmp_path)
    assert frame.empty
    assert [problem.file for problem in problems] == ["a.pdf", "b.xlsx", "c.csv"]


def test_no_folder_means_no_corrections(tmp_path: Path) -> None:
    frame, problems = read_corrections(tmp_path / "none")
    assert frame.empty
    assert problems == []


def test_people_decide_on_duplicates(checked: Check, corrections: Callable[..., pd.DataFrame]) -> None:
    answer = {"siren": SIREN, "comment": "présent"}
    lines = corrections(line("r1", decision="garder"), line("r2", decision="retirer"))
    validated = checked(answer, answer, corrections=lines)
    assert validated.table["respondent"].tolist() == ["r1"]
    assert effects(validated) == [("applied", "répondant gardé"), ("applied", "répondant retiré")]
    assert validated.decisions.empty


def test_a_corrected_siren_is_looked_at_for_duplicates(
    checked: Check, corrections: Callable[..., pd.DataFrame]
) -> None:
    lines = corrections(line("r1", "siren", SIREN))
    validated = checked({"siren": "732829321", "comment": "a"}, {"siren": SIREN, "comment": "b"}, corrections=lines)
    assert validated.table["respondent"].tolist() == ["r2"]


def _fill(path: Path, sheet: str, respondent: str, **cells: str) -> None:
    """What a person does in the spreadsheet."""
    book = openpyxl.load_workbook(path)
    rows = book[sheet]
    headers = {cell.value: cell.column for cell in rows[1]}
    for row in range(2, rows.max_row + 1):
        if rows.cell(row, headers["Répondant"]).value == respondent:
            for header, value in cells.items():
                rows.cell(row, headers[header.replace("_", " ")]).value = value
    book.save(path)


def test_the_quarantine_filled_in_is_a_corrections_file(edition: Edition, checked: Check, tmp_path: Path) -> None:
    answers = (
        {"siren": SIREN, "perimeter": "L'entité", "total": "1.234"},
        {"siren": SIREN, "perimeter": "Un service", "total": "=1+1"},
        {"exclude_reason": "essai", "comment": "une vraie réponse"},
    )
    path = tmp_path / "corrections" / "quarantaine.xlsx"
    path.parent.mkdir()
    path.write_bytes(quarantine(edition, [checked(*answers, audience="buyer")]))
    untouched, problems = read_corrections(path.parent)
    assert untouched.empty, "lines that nobody filled in are no corrections"
    assert problems == []

    _fill(path, "À corriger", "r1", Valeur_corrigée="1 234 €", Initiales="MD", Date="12/11/2031")
    _fill(path, "Doublons", "r1", Décision="garder", Initiales="MD", Date="12/11/2031")
    _fill(path, "Doublons", "r2", Décision="retirer", Initiales="MD", Date="12/11/2031")
    _fill(path, "Répondants retirés", "r3", Décision="garder", Initiales="MD", Date="12/11/2031", Motif="vraie réponse")
    lines, problems = read_corrections(path.parent)
    assert problems == []
    validated = checked(*answers, audience="buyer", corrections=lines)
    assert validated.table["respondent"].tolist() == ["r1", "r3"]
    assert validated.table["total"].tolist()[0] == 1234
    assert validated.decisions.empty
    assert {status for status, _ in effects(validated)} == {"applied"}

    following = tmp_path / "following" / "quarantaine.xlsx"
    following.parent.mkdir()
    following.write_bytes(quarantine(edition, [validated]))
    told = openpyxl.load_workbook(following)["Corrections lues"]
    assert [row[6].value for row in told.iter_rows(min_row=2)] == ["appliquée"] * 4
    again, problems = read_corrections(following.parent)
    assert again.empty, "the account of corrections made is not a correction"
    assert problems == []


def test_the_quarantine_shows_each_refusal_and_no_formula(edition: Edition, checked: Check, tmp_path: Path) -> None:
    validated = checked({"total": "=1+1", "comment": "x"})
    (tmp_path / "q.xlsx").write_bytes(quarantine(edition, [validated]))
    sheet = openpyxl.load_workbook(tmp_path / "q.xlsx")["À corriger"]
    cells = {header.value: cell.value for header, cell in zip(sheet[1], sheet[2], strict=True)}
    assert cells["Intitulé"] == "Achats en 2030 ?"
    assert (cells["Fichier"], cells["Rangée"], cells["Question"]) == ("export.csv", 2, "total")
    assert cells["Valeur trouvée"] == "=1+1"
    assert sheet.cell(2, list(cells).index("Valeur trouvée") + 1).data_type == "s"
    assert sheet.freeze_panes == "C2"


def test_the_same_quarantine_is_the_same_bytes(edition: Edition, checked: Check) -> None:
    one, two = (quarantine(edition, [checked({"total": "beaucoup"})]) for _ in range(2))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {(1980, 1, 1)}, "nothing tells the time of the run"


def test_answers_never_go_through_the_temporary_folder(
    edition: Edition, checked: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    validated = checked({"total": "beaucoup"})

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    for name in ("mkdtemp", "mkstemp", "TemporaryFile", "NamedTemporaryFile", "TemporaryDirectory"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert quarantine(edition, [validated])


TYPED = "4 321 000"


@pytest.mark.parametrize("position", [0, 2, 6])
def test_a_message_never_shows_what_was_typed(tmp_path: Path, position: int) -> None:
    faulty = line("r1", "total", "1")
    faulty[position] = TYPED
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEADER, faulty])
    frame, (problem,) = read_corrections(tmp_path)
    assert problem.found == "une autre valeur"
    assert TYPED not in problem.render()
    assert not frame.eq(TYPED).any(axis=None)


@pytest.mark.parametrize(
    "given", [line(TYPED, "total", "1"), line("r1", TYPED, "1"), line("r1", "total", f"{TYPED} x")]
)
def test_nor_does_what_is_said_of_a_line_once_tried(
    checked: Check, corrections: Callable[..., pd.DataFrame], given: list[str]
) -> None:
    validated = checked({"comment": "x"}, corrections=corrections(given))
    (problem,) = validated.problems
    assert TYPED not in problem.render()
    ((_, effect),) = effects(validated)
    assert TYPED not in effect


@pytest.mark.parametrize("value", [12.345, 0.125, -12.345, 12.5, 1234567.891, 1e-05])
def test_a_number_in_a_cell_is_read_as_it_is(edition: Edition, checked: Check, tmp_path: Path, value: float) -> None:
    answers = {"startups": "beaucoup", "share": "beaucoup"}
    path = tmp_path / "q.xlsx"
    path.write_bytes(quarantine(edition, [checked(answers)]))
    book = openpyxl.load_workbook(path)
    sheet = book["À corriger"]
    headers = {cell.value: cell.column for cell in sheet[1]}
    for row in (2, 3):
        sheet.cell(row, headers["Valeur corrigée"]).value = value
        sheet.cell(row, headers["Initiales"]).value = "MD"
        sheet.cell(row, headers["Date"]).value = dt.date(2031, 11, 12)
    book.save(path)
    lines, problems = read_corrections(tmp_path)
    assert problems == []
    assert [read_number(text) for text in lines["value"]] == [value, value]


def test_lines_on_no_audience_are_told_with_the_first(
    edition: Edition, checked: Check, raw: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    faulty = line("r1", "total", "1")
    faulty[2] = "tous"
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEADER, faulty, line("r1", "total", "1")])
    lines, _ = read_corrections(tmp_path)
    assert [status for status, _ in effects(checked({"total": "2"}, corrections=lines))] == ["refused", "applied"]
    assert effects(checked({"total": "2"}, audience="buyer", corrections=lines)) == []

    buyers = edition.model_copy(update={"questionnaires": {"buyer": edition.questionnaires["buyer"]}})
    told = validate(buyers, "buyer", raw({"total": "2"}), lines)
    assert [status for status, _ in effects(told)] == ["refused", "refused"]
    assert [(problem.row, problem.column) for problem in told.problems] == [(3, "Public")], (
        "line 2 was told when it was read"
    )
