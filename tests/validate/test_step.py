"""Rounds of corrections in a workspace: no decision typed in a spreadsheet is ever lost."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from observatory.database import connect, replace_table, transaction
from observatory.editions.model import Audience, Edition
from observatory.problems import Problem
from observatory.progress import Progress
from observatory.publish.step import _renew_review
from observatory.validate.pipeline import Validated
from observatory.validate.step import raw_in_order, validate_answers
from observatory.workspace import REVIEW_PREFIX, Workspace

Run = Callable[..., Validated]
ANSWERS = ({"total": "beaucoup", "share": "peu", "comment": "x"}, {"total": "1.234"})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    place = Workspace(tmp_path / "workspace")
    place.ensure()
    place.corrections("2031").mkdir()
    return place


@pytest.fixture
def run(edition: Edition, raw: Callable[..., pd.DataFrame], workspace: Workspace) -> Run:
    """Validate one audience, then make the run current as far as the team's spreadsheets go."""

    def once(
        *rows: dict[str, str], audience: Audience = "buyer", progress: Progress | None = None, renew: bool = True
    ) -> Validated:
        with connect(workspace) as connection, transaction(connection):
            answers = raw(*(rows or ANSWERS))
            replace_table(connection, "raw", f"{audience}_2031", answers)
            replace_table(connection, "raw", f"files_{audience}_2031", answers[["file"]].drop_duplicates())
        progress = progress or Progress()
        validated = validate_answers(edition, audience, workspace, progress)
        if renew:
            progress.warn(_renew_review(edition, workspace))
        return validated

    return once


def sheets(workspace: Workspace, audience: Audience = "buyer") -> list[Path]:
    return sorted(workspace.review("2031").glob(f"{REVIEW_PREFIX}{audience}*.xlsx"))


def fill(path: Path, question: str, value: str, respondent: str = "r1") -> None:
    """What a person does in the sheet « À corriger »."""
    book = openpyxl.load_workbook(path)
    sheet = book["À corriger"]
    headers = {cell.value: cell.column for cell in sheet[1]}
    (row,) = (
        row
        for row in range(2, sheet.max_row + 1)
        if sheet.cell(row, headers["Répondant"]).value == respondent
        and sheet.cell(row, headers["Question"]).value == question
    )
    for header, text in {"Valeur corrigée": value, "Initiales": "MD", "Date": "12/11/2031"}.items():
        sheet.cell(row, headers[header]).value = text
    book.save(path)


def deposit(workspace: Workspace, sheet: Path) -> None:
    shutil.copy(sheet, workspace.corrections("2031") / sheet.name)


def test_a_second_round_is_deposited_beside_the_first(workspace: Workspace, run: Run) -> None:
    run()
    (first,) = sheets(workspace)
    fill(first, "total", "100")
    deposit(workspace, first)
    progress = Progress()
    run(progress=progress)
    (second,) = sheets(workspace)
    assert first.name.startswith("a-corriger-buyer-01-")
    assert second.name.startswith("a-corriger-buyer-02-")
    assert progress.warnings == [], "what was deposited needs no keeping"

    fill(second, "share", "12,5")
    deposit(workspace, second)
    validated = run()
    assert len(list(workspace.corrections("2031").iterdir())) == 2
    assert validated.table.loc[0, ["total", "share"]].tolist() == [100, 12.5]
    assert validated.corrections["status"].tolist() == ["applied", "applied"]
    (third,) = sheets(workspace)
    assert third.name.startswith("a-corriger-buyer-03-")


def test_the_same_value_corrected_again_on_the_same_day_is_the_later_round_s(workspace: Workspace, run: Run) -> None:
    run()
    fill(sheets(workspace)[0], "total", "-5")
    deposit(workspace, sheets(workspace)[0])
    assert run().corrections["status"].tolist() == ["refused"]
    fill(sheets(workspace)[0], "total", "5")
    deposit(workspace, sheets(workspace)[0])
    validated = run()
    assert validated.table["total"].tolist()[0] == 5
    assert validated.corrections["status"].tolist() == ["no_effect", "applied"]


def test_a_run_on_the_same_inputs_leaves_a_spreadsheet_being_filled_in(workspace: Workspace, run: Run) -> None:
    run()
    (sheet,) = sheets(workspace)
    fill(sheet, "total", "100")
    typed = sheet.read_bytes()
    progress = Progress()
    run(progress=progress)
    assert sheets(workspace) == [sheet]
    assert sheet.read_bytes() == typed
    assert progress.warnings == []


def test_a_filled_in_spreadsheet_outlives_other_answers(workspace: Workspace, run: Run) -> None:
    run()
    (old,) = sheets(workspace)
    fill(old, "total", "100")
    typed = old.read_bytes()
    for _ in range(2):
        progress = Progress()
        run(*ANSWERS, {"total": "trop"}, progress=progress)
        filled, fresh = sorted(sheets(workspace), key=lambda sheet: "(rempli)" not in sheet.name)
        assert filled.name == f"{old.stem} (rempli).xlsx"
        assert filled.read_bytes() == typed
        assert "(rempli)" not in fresh.name
        (problem,) = progress.warnings
        assert problem.file == f"review/2031/{filled.name}"
        assert problem.severity == "warning"
        assert "corrections/2031" in problem.action

    deposit(workspace, filled)
    validated = run(*ANSWERS, {"total": "trop"})
    assert validated.table["total"].tolist()[0] == 100
    (last,) = sheets(workspace)
    assert last.name.startswith("a-corriger-buyer-02-")


def test_two_filled_in_spreadsheets_of_one_name_are_both_kept(workspace: Workspace, run: Run) -> None:
    run()
    (sheet,) = sheets(workspace)
    fill(sheet, "total", "100")
    run({"total": "1"})
    run()
    fill(sheet, "share", "3")
    run({"total": "1"})
    assert [path.name for path in sheets(workspace)] == [f"{sheet.stem} (rempli 2).xlsx", f"{sheet.stem} (rempli).xlsx"]


def test_an_older_spreadsheet_nobody_touched_goes_away(workspace: Workspace, run: Run) -> None:
    run()
    (old,) = sheets(workspace)
    run(*ANSWERS, {"total": "trop"})
    (fresh,) = sheets(workspace)
    assert fresh != old
    run({"total": "1"})
    assert sheets(workspace) == []


def test_one_audience_checked_again_leaves_the_other_s_spreadsheet(workspace: Workspace, run: Run) -> None:
    run(audience="startup")
    run(audience="buyer")
    run(*ANSWERS, {"total": "trop"}, audience="buyer")
    assert len(sheets(workspace, "startup")) == len(sheets(workspace, "buyer")) == 1


def test_a_run_that_never_becomes_current_changes_no_spreadsheet(workspace: Workspace, run: Run) -> None:
    run()
    before = sheets(workspace)
    run(*ANSWERS, {"total": "trop"}, renew=False)
    assert sheets(workspace) == before


@pytest.mark.parametrize("moment", range(4))
def test_a_renewal_cut_short_is_done_again(
    edition: Edition, workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    for audience in ("startup", "buyer"):
        run(audience=audience)
    fill(sheets(workspace, "startup")[0], "total", "100")
    typed = sheets(workspace, "startup")[0].read_bytes()
    for audience in ("startup", "buyer"):
        run(*ANSWERS, {"total": "trop"}, audience=audience, renew=False)
    acts = 0

    def until(act: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object) -> object:
            nonlocal acts
            if acts == moment:
                raise KeyboardInterrupt
            acts += 1
            return act(*arguments)

        return wrapped

    with monkeypatch.context() as cut:
        cut.setattr(os, "replace", until(os.replace))
        cut.setattr(Path, "unlink", until(Path.unlink))
        cut.setattr(Path, "rename", until(Path.rename))
        with pytest.raises(KeyboardInterrupt):
            _renew_review(edition, workspace)
    assert len(_renew_review(edition, workspace)) == 1
    assert len(sheets(workspace, "buyer")) == 1
    (filled,) = (sheet for sheet in sheets(workspace, "startup") if "(rempli)" in sheet.name)
    assert filled.read_bytes() == typed
    assert len(sheets(workspace, "startup")) == 2
    assert not any(path.name.startswith(".") for path in workspace.review("2031").iterdir())


def test_a_deposited_spreadsheet_does_not_come_back_empty(edition: Edition, workspace: Workspace, run: Run) -> None:
    run()
    (sheet,) = sheets(workspace)
    fill(sheet, "total", "100")
    sheet.rename(workspace.corrections("2031") / sheet.name)
    _renew_review(edition, workspace)
    assert sheets(workspace) == []


def test_what_is_wrong_with_corrections_is_told_once(workspace: Workspace, run: Run) -> None:
    header = ["Date", "Initiales", "Public", "Répondant", "Question", "Valeur corrigée"]
    lines = [["12/11/2031", "MD", audience, "r1", "total", "x"] for audience in ("start-up", "acheteurs", "tous", "")]
    lines[0][1] = lines[1][1] = ""
    folder = workspace.corrections("2031")
    with (folder / "c.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *lines])
    (folder / "d.pdf").write_bytes(b"%PDF")

    def told(audience: Audience) -> list[tuple[str, int | None]]:
        progress = Progress()
        run(audience=audience, progress=progress)
        problems: list[Problem] = progress.warnings
        return [(problem.file, problem.row) for problem in problems]

    assert told("startup") == [("c.csv", 2), ("c.csv", 4), ("c.csv", 5), ("d.pdf", None)]
    assert told("buyer") == [("c.csv", 3)]
    (sheet,) = sheets(workspace, "startup")
    read = openpyxl.load_workbook(sheet)["Corrections lues"]
    assert sorted(row[1].value for row in read.iter_rows(min_row=2)) == [2, 4, 5]


def test_answers_are_read_in_the_order_of_their_files_and_rows_however_they_lie(workspace: Workspace) -> None:
    lying = pd.DataFrame({"file": ["b.csv", "a/1.csv", "b.csv", "a/1.csv"], "row": [10, 3, 9, 2], "x": list("dbca")})
    with connect(workspace) as connection:
        replace_table(connection, "raw", "buyer_2031", lying)
        replace_table(connection, "raw", "files_buyer_2031", pd.DataFrame({"file": ["a/1.csv", "b.csv"]}))
        assert raw_in_order(connection, "buyer_2031")["x"].tolist() == ["a", "b", "c", "d"]
