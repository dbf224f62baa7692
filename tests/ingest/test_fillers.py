"""Cells that say « no answer » in a text of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from observatory.database import connect
from observatory.editions.model import Choice, Choices, Edition
from observatory.ingest import read_inbox
from observatory.ingest.cells import MemoryColumns, StoredColumns, scratch_database
from observatory.ingest.fillers import fillers_in
from observatory.ingest.step import ingest
from observatory.problems import Problem
from observatory.progress import Progress
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import validate
from observatory.workspace import Workspace

Drop = Callable[..., Path]

CERTAIN = ["N/A", "NA", "n/a", "NC", "-", "--", "---", "#N/A", "NULL", "nan", "Sans réponse", "(vide)", ".", "/"]
OBSTACLES = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
CONTACT = "Comment s'est fait le premier contact ?"
HEAD = ["siren", CONTACT, OBSTACLES, "revenue_last", "comment"]
GIVEN = ["732829320", "Un salon", "Lenteur des décisions", "1000", "Bien"]


def told(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if "sans réponse :" in problem.found]


@pytest.mark.parametrize("filler", CERTAIN)
def test_a_filler_is_no_answer_to_any_question(edition: Edition, workspace: Workspace, drop: Drop, filler: str) -> None:
    drop("a.csv", [HEAD, GIVEN, ["552100554", *[filler] * 4], ["542051180", *[f" {filler.lower()} "] * 4]])
    progress = Progress()
    ingest(edition, "startup", workspace, progress)
    with connect(workspace, read_only=True) as connection:
        raw = connection.execute("SELECT * FROM raw.startup_2025 ORDER BY row").df()
    corrections, _ = read_corrections(workspace.corrections("2025"))
    validated = validate(edition, "startup", raw, corrections)
    states = [f"{name}__state" for name in ("first_contact", "obstacles", "revenue_last", "comment")]
    kept = validated.table.set_index("siren")
    assert list(kept.loc["732829320", states]) == ["answered"] * 4
    assert validated.refused.empty
    assert raw[["first_contact", "obstacles", "revenue_last", "comment"]].iloc[1:].isna().all(axis=None)
    (said,) = told(progress.warnings)
    assert said.found.startswith("8 cellules") and "obstacles (2)" in said.found and "comment (2)" in said.found


def test_an_option_of_the_questionnaire_is_an_answer_whatever_its_wording(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    questionnaire = edition.questionnaires["startup"]
    own = tuple(
        Choice(code=code, label={"fr": label, "en": f"{label} (en)"})
        for code, label in (("na", "Ne s'applique pas"), ("nobody", "Sans réponse"), ("out", "Non concerné"))
    )
    asked = tuple(
        question.model_copy(update={"choices": Choices(options=own, other=True)})
        if question.id == "first_contact"
        else question
        for question in questionnaire.questions
    )
    edition = edition.model_copy(
        update={"questionnaires": {"startup": questionnaire.model_copy(update={"questions": asked})}}
    )
    cells = ["N/A", "NA", "sans réponse", "Non concerné", "-"]
    drop("a.csv", [["siren", CONTACT], *(["732829320", cell] for cell in cells)])
    ingested = read_inbox(edition, "startup", workspace)
    assert ingested.table["first_contact"].fillna("").tolist() == [*cells[:4], ""]


def test_not_concerned_is_no_answer_to_options_and_is_told_apart(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    rows = [["552100554", "Non concerné", "Sans objet", "", "Sans objet"], ["542051180", "N/A", "", "", "R.A.S."]]
    drop("a.csv", [HEAD, GIVEN, *rows])
    ingested = read_inbox(edition, "startup", workspace)
    assert ingested.table["first_contact"].isna().tolist() == [False, True, True]
    assert ingested.table["comment"].tolist() == ["Bien", "Sans objet", "R.A.S."], "a respondent's words"
    sure, doubtful = told(ingested.problems)
    assert sure.found.startswith("1 cellule ") and "first_contact (1)" in sure.found
    assert "first_contact (1), obstacles (1)" in doubtful.found and "options" in doubtful.action
    assert {sure.severity, doubtful.severity} == {"warning"}


@pytest.mark.parametrize("kept", ["néant", "R.A.S.", "0", "aucune", "NC nous a aidés", "- trop long"])
def test_what_says_something_stays(edition: Edition, workspace: Workspace, drop: Drop, kept: str) -> None:
    drop("a.csv", [["siren", "comment"], ["732829320", "Bien"], ["552100554", kept]])
    table = read_inbox(edition, "startup", workspace).table
    assert table["comment"].tolist() == ["Bien", kept]


def test_what_the_tool_says_of_questions_not_shown_is_not_counted(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    head = ["id", "submitdate", "lastpage", "startlanguage", "siren", CONTACT]
    rows = [[str(n), "2025-10-01 10:00:00", "5", "fr", "732829320", cell] for n, cell in enumerate(["Un salon", "N/A"])]
    drop("a.csv", [head, *rows])
    ingested = read_inbox(edition, "startup", workspace)
    assert ingested.table["first_contact__shown"].fillna("").tolist() == ["", "false"]
    assert not told(ingested.problems)


def test_large_files_have_the_same_fillers() -> None:
    cells = [*(f"texte {number}" for number in range(3000)), "N/A", " nc ", "N/A", "NC 1", "\u00a0Sans Réponse", "12"]
    connection = scratch_database()
    frame = pd.DataFrame({"c0": pd.array(cells, dtype="str")})
    connection.register("frame", frame)
    stored = StoredColumns.stored(connection, "frame", 1)
    expected = {"N/A": 2, " nc ": 1, "\u00a0Sans Réponse": 1}
    for columns in (stored, MemoryColumns([tuple(cells)], len(cells))):
        assert fillers_in(columns, 0, frozenset(), (), free_text=True) == expected


@pytest.mark.parametrize(("fillers", "counted"), [(1, 2), (4, 1)])
def test_na_typed_beside_other_is_an_answer_and_on_most_rows_the_export_s(
    edition: Edition, workspace: Workspace, drop: Drop, fillers: int, counted: int
) -> None:
    typed = ["Trop loin", *["N/A"] * fillers, *[""] * (5 - fillers)]
    rows = [[f"{100000000 + number}", "", cell] for number, cell in enumerate(typed)]
    drop("a.csv", [["siren", OBSTACLES, f"{OBSTACLES} [Autre]"], *rows])
    ingested = read_inbox(edition, "startup", workspace)
    table = ingested.connection.execute(ingested.select).df()
    column = next(name for name in table.columns if name.startswith("obstacles__other"))
    assert table[column].notna().sum() == counted
