"""Columns that resemble nothing, files of another audience, files that no audience owns."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.editions.model import Edition
from observatory.ingest import read_inbox
from observatory.ingest.mapping import proposal_file
from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace

Drop = Callable[..., Path]

ALL = {
    "siren": "732829320",
    "contact_email": "a@b.fr",
    "relation_12m": "Oui",
    "Comment s'est fait le premier contact ?": "Un salon",
    "obstacles": "Aucun",
    "past_obstacles": "Fonds",
    "revenue_first": "1",
    "revenue_last": "2",
    "Êtes-vous satisfait de : [Prise de contact]": "Satisfait",
    "sat_payment": "Satisfait",
    "comment": "Bien",
}


def rows(*without: str, **more: str) -> list[list[str]]:
    kept = {name: cell for name, cell in ALL.items() if name not in without} | more
    return [list(kept), list(kept.values())]


def about(problems: list[Problem], words: str) -> list[Problem]:
    return [problem for problem in problems if words in problem.found]


def test_unknown_headings_are_proposed_where_questions_have_no_column(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", rows("comment", "relation_12m", Branche="Santé", Vide="", **{"Votre mail": "x", "À écarter": "non"}))
    problems = read_inbox(edition, "startup", workspace).problems
    (said,) = about(problems, "1 colonne non reconnue")
    assert "2 questions n'ont pas de colonne : relation_12m, comment" in said.found
    assert "review/2025/mapping-startup.yaml" in said.action and "observatory mapping accept" in said.action
    assert not about(problems, "sans colonne")
    text = proposal_file("2025", "startup", workspace).read_text(encoding="utf-8")
    assert 'heading: "Branche"\n    target: ""' in text
    assert text.count("heading:") == 1
    assert "relation_12m :" in text and "comment :" in text
    file = proposal_file("2025", "startup", workspace)
    file.write_text(text.replace('target: ""', "target: comment"), encoding="utf-8")
    read_inbox(edition, "startup", workspace)
    assert "target: comment" in file.read_text(encoding="utf-8")


def test_five_unknown_headings_are_named_and_no_cell(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    names = ["Branche", "Secteur", "Filière", "Zone", "Cible", "Statut", "Canal"]
    drop("a.csv", rows("comment", **dict.fromkeys(names, "Secret")))
    (said,) = about(read_inbox(edition, "startup", workspace, propose=False).problems, "7 colonnes non reconnues")
    assert "(« Branche » ; « Secteur » ; « Filière » ; « Zone » ; « Cible » ; et 2 autres)" in said.found
    assert "Secret" not in said.render()


def test_a_check_sends_to_the_run_for_the_proposal(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", rows("comment", Branche="Santé"))
    (said,) = about(read_inbox(edition, "startup", workspace, propose=False).problems, "non reconnue")
    assert "observatory run 2025" in said.action
    assert not proposal_file("2025", "startup", workspace).exists()


def test_notes_beside_a_whole_questionnaire_are_passed_over(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", rows(Branche="Santé", Suivi="Rappeler"))
    ingested = read_inbox(edition, "startup", workspace)
    assert not ingested.problems
    assert not proposal_file("2025", "startup", workspace).exists()


@pytest.mark.parametrize("heading", ["Facture électronique", "Votre adresse habituelle"])
def test_a_heading_half_like_that_of_a_personal_question_is_put_before_a_person(
    edition: Edition, workspace: Workspace, drop: Drop, heading: str
) -> None:
    drop("a.csv", rows("comment", **{heading: "Plutôt bien"}))
    ingested = read_inbox(edition, "startup", workspace)
    assert f'heading: "{heading}"' in proposal_file("2025", "startup", workspace).read_text(encoding="utf-8")
    assert "comment" in about(ingested.problems, "non reconnue")[0].found
    assert "comment__shown" not in ingested.table


@pytest.mark.parametrize(("heading", "cell"), [("Pour vous joindre", "a@b.fr"), ("Courriel bis", "Plutôt bien")])
def test_addresses_or_a_heading_that_asks_for_them_are_not_put_before_a_person(
    edition: Edition, workspace: Workspace, drop: Drop, heading: str, cell: str
) -> None:
    drop("a.csv", rows("comment", **{heading: cell}))
    assert not about(read_inbox(edition, "startup", workspace).problems, "non reconnue")
    assert not proposal_file("2025", "startup", workspace).exists()


@pytest.mark.parametrize(("left", "refused"), [(4, True), (5, False)])
def test_a_file_with_few_of_the_questions_is_refused(
    edition: Edition, workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch, left: int, refused: bool
) -> None:
    monkeypatch.setattr("observatory.ingest.inbox.FEWEST_FOUND", 0.5)
    asked = [name for name in ALL if name != "contact_email"]
    drop("good.csv", rows())
    drop("wrong.csv", rows(*asked[left:]))
    if not refused:
        assert len(read_inbox(edition, "startup", workspace).table) == 2
        return
    with pytest.raises(ProblemsError) as caught:
        read_inbox(edition, "startup", workspace)
    (problem,) = caught.value.problems
    assert (problem.file, problem.found) == ("wrong.csv", "4 questions sur 10 seulement")
    assert "public" in problem.action and "mapping accept" in problem.action


def test_doubtful_options_of_one_question_are_one_warning(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    question = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
    odd = {f"{question} - Option inconnue {letter}": "x" for letter in "abcdef"}
    drop("a.csv", rows("obstacles", **odd))
    (said,) = about(read_inbox(edition, "startup", workspace).problems, "douteuse")
    assert said.found.startswith("6 colonnes douteuses") and "obstacles" in said.expected


@pytest.mark.parametrize(("older", "used"), [("a.csv", "a.csv"), ("b.csv", "b.csv"), ("", "a.csv")])
def test_of_two_same_files_the_older_is_used(
    edition: Edition, workspace: Workspace, drop: Drop, older: str, used: str
) -> None:
    for name in ("a.csv", "b.csv"):
        moment = 1000 if name == older else 2000
        os.utime(drop(name, rows()), (moment, moment))
    files = read_inbox(edition, "startup", workspace).files
    assert list(files.loc[files["used"].astype(bool), "file"]) == [used]
    assert list(files.loc[~files["used"].astype(bool), "note"]) == [f"identique à {used}"]


def test_files_outside_an_audience_are_named(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    file = drop("a.csv", rows())
    for stray in ("../b.csv", "../startups/c.csv", "../.hidden"):
        drop(stray, b"x")
    (said,) = read_inbox(edition, "startup", workspace).problems
    assert all(part in said.found for part in ("b.csv", "startups/c.csv")) and "hidden" not in said.found
    assert "inbox/2025/startup/" in said.expected
    file.unlink()
    with pytest.raises(ProblemsError, match=r"startups/c\.csv"):
        read_inbox(edition, "startup", workspace)
