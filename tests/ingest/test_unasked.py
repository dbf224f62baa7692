"""A question that a file has no column for: nobody in that file was asked it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from observatory.editions.columns import NOT_ASKED
from observatory.editions.model import Edition
from observatory.ingest import accept, read_inbox
from observatory.ingest.mapping import proposal_file
from observatory.problems import Problem, ProblemsError
from observatory.validate.corrections import COLUMNS
from observatory.validate.pipeline import validate
from observatory.workspace import Workspace

Drop = Callable[..., Path]

WHOLE = [
    "siren",
    "contact_email",
    "relation_12m",
    "Comment s'est fait le premier contact ?",
    "obstacles",
    "past_obstacles",
    "revenue_first",
]
WHOLE += ["revenue_last", "sat_contact", "sat_payment", "comment"]
FIRST, SECOND, THIRD = "732829320", "552100554", "005520135"


def export(*columns: str, answers: dict[str, dict[str, str]]) -> list[list[str]]:
    """Rows headed by codes, one a SIREN."""
    return [
        list(columns),
        *([{"siren": siren, **cells}.get(name, "") for name in columns] for siren, cells in answers.items()),
    ]


def states(edition: Edition, workspace: Workspace, question: str) -> dict[str, str]:
    """The state of one question for each SIREN, in the validated table."""
    raw = read_inbox(edition, "startup", workspace).table
    table = validate(edition, "startup", raw, pd.DataFrame(columns=list(COLUMNS))).table
    return dict(zip(table["siren"], table[f"{question}__state"], strict=True))


def without_column(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if "sans colonne" in problem.found]


def test_only_the_file_that_has_the_column_has_asked(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    asked = {FIRST: {"relation_12m": "Oui", "comment": "Bien"}, SECOND: {"relation_12m": "Oui"}}
    drop("asked.csv", export(*WHOLE, answers=asked))
    drop("partner.csv", export(*WHOLE[:-1], answers={THIRD: {"relation_12m": "Oui"}}))
    assert states(edition, workspace, "comment") == {FIRST: "answered", SECOND: "no_answer", THIRD: "not_shown"}


def test_a_question_of_no_file_was_shown_to_nobody(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    left = [name for name in WHOLE if name not in {"obstacles", "sat_payment"}]
    drop("a.csv", export(*left, answers={FIRST: {"comment": "Bien"}}))
    ingested = read_inbox(edition, "startup", workspace)
    assert list(ingested.table["obstacles__shown"]) == [NOT_ASKED]
    for question in ("obstacles", "sat_payment"):
        assert states(edition, workspace, question) == {FIRST: "not_shown"}
    (said,) = without_column(ingested.problems)
    assert "2 questions sans colonne : obstacles, sat_payment" in said.found
    assert "comptent comme non posées" in said.action and "sauf" not in said.action


def test_a_column_of_one_option_is_a_column_of_its_question(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    columns = [name if name != "obstacles" else "obstacles[slow]" for name in WHOLE]
    drop("a.csv", export(*columns, answers={FIRST: {"comment": "Bien"}}))
    assert states(edition, workspace, "obstacles") == {FIRST: "no_answer"}


def test_a_question_that_a_doubtful_column_may_answer_waits_for_a_person(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    doubtful = [name if name != "comment" else "Vos remarques diverses" for name in WHOLE]
    drop("a.csv", export(*doubtful, answers={FIRST: {"relation_12m": "Oui", "Vos remarques diverses": "Bien"}}))
    assert states(edition, workspace, "comment") == {FIRST: "no_answer"}
    decide(workspace, "ignore")
    accept(edition, "startup", workspace, "CD", edition.config.collection.closes)
    assert states(edition, workspace, "comment") == {FIRST: "not_shown"}


def test_an_accepted_column_has_asked(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    doubtful = [name if name != "comment" else "Vos remarques diverses" for name in WHOLE]
    drop("a.csv", export(*doubtful, answers={FIRST: {"relation_12m": "Oui", "Vos remarques diverses": "Bien"}}))
    read_inbox(edition, "startup", workspace)
    decide(workspace, "comment")
    accept(edition, "startup", workspace, "CD", edition.config.collection.closes)
    assert states(edition, workspace, "comment") == {FIRST: "answered"}


def decide(workspace: Workspace, target: str) -> None:
    file = proposal_file("2025", "startup", workspace)
    text = file.read_text(encoding="utf-8")
    assert 'heading: "Vos remarques diverses"' in text
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("    target:"))
    lines[at] = f"    target: {target}"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_an_unknown_column_is_said_to_leave_its_likeliest_questions_open(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    left = ["siren", "relation_12m", "revenue_first", "revenue_last", "sat_contact", "sat_payment"]
    drop("a.csv", export(*left, "Vos idées", answers={FIRST: {"relation_12m": "Oui", "Vos idées": "Aucune"}}))
    problems = read_inbox(edition, "startup", workspace).problems
    (said,) = [problem for problem in problems if "non reconnue" in problem.found]
    proposed = proposal_file("2025", "startup", workspace).read_text(encoding="utf-8")
    open_questions = ("first_contact", "obstacles", "past_obstacles", "comment")
    (unasked,) = [name for name in open_questions if f" {name} :" not in proposed]
    assert f"sans réponse, sauf {unasked}, non posées" in said.action
    told = {name: states(edition, workspace, name)[FIRST] for name in open_questions}
    assert told == {name: "not_shown" if name == unasked else "no_answer" for name in open_questions}


def test_a_re_export_with_more_columns_has_asked_more(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    metadata = ["id", "submitdate", "lastpage", "startlanguage"]
    told = {"id": "1", "submitdate": "2025-10-01 10:00:00", "relation_12m": "Oui", "startlanguage": "fr"}
    again = told | {"id": "2", "submitdate": "2025-10-02 10:00:00", "comment": "Bien"}
    drop("1.csv", export(*metadata, *WHOLE[:-1], answers={FIRST: told}))
    assert states(edition, workspace, "comment") == {FIRST: "not_shown"}
    drop("2.csv", export(*metadata, *WHOLE, answers={FIRST: told, SECOND: again}))
    assert states(edition, workspace, "comment") == {FIRST: "no_answer", SECOND: "answered"}


def test_a_missing_required_column_still_refuses_the_file(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", export(*WHOLE[1:], answers={FIRST: {"comment": "Bien"}}))
    with pytest.raises(ProblemsError, match="aucune colonne certaine"):
        read_inbox(edition, "startup", workspace)


def test_a_question_under_which_addresses_were_typed_was_asked(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    typed = {f"{732829320 + number}": {"comment": f"jean{number}@exemple.fr"} for number in range(8)}
    drop("a.csv", export(*WHOLE, answers=typed))
    table = read_inbox(edition, "startup", workspace).table
    assert "comment" not in table and "comment__shown" not in table


@pytest.mark.parametrize(
    ("heading", "cell", "state"),
    [("Vos idées", "", "no_answer"), ("Vos idées", "Aucune", "no_answer"), ("", "", "not_shown")],
)
def test_the_first_answer_under_an_unknown_heading_does_not_change_whether_it_was_shown(
    edition: Edition, workspace: Workspace, drop: Drop, heading: str, cell: str, state: str
) -> None:
    drop("a.csv", export(*WHOLE[:-1], heading, answers={FIRST: {"relation_12m": "Oui", heading: cell}}))
    ingested = read_inbox(edition, "startup", workspace)
    assert states(edition, workspace, "comment") == {FIRST: state}
    said = [problem for problem in ingested.problems if "comment" in problem.found]
    assert len(said) == 1
    assert ("non reconnue" in said[0].found) == bool(cell)


def test_what_a_person_ignores_hides_no_question(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    file = drop(
        "a.csv", export(*WHOLE[:-1], "Vos remarques diverses", answers={FIRST: {"Vos remarques diverses": "x"}})
    )
    read_inbox(edition, "startup", workspace)
    decide(workspace, "ignore")
    accept(edition, "startup", workspace, "CD", edition.config.collection.closes)
    file.unlink()
    drop("b.csv", export(*WHOLE[:-1], "Vos remarques diverses", answers={SECOND: {"relation_12m": "Oui"}}))
    assert states(edition, workspace, "comment") == {SECOND: "not_shown"}


def test_an_other_of_no_question_leaves_all_those_open_that_offer_it(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    left = [name for name in WHOLE if name not in {"obstacles", "revenue_last", "sat_payment", "comment"}]
    answers = {FIRST: {"relation_12m": "Oui", "Autre": "le prix"}}
    drop("a.csv", export("Autre", *left, answers=answers))
    assert states(edition, workspace, "obstacles") == {FIRST: "no_answer"}
    assert states(edition, workspace, "comment") == {FIRST: "not_shown"}
