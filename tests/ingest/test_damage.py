"""What a spreadsheet damaged is told by a run and a check, not by an inspection alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.editions.model import Edition
from observatory.ingest import read_inbox
from observatory.ingest.documents import open_document
from observatory.ingest.inspect import inspect_form
from observatory.ingest.tools import read_form
from observatory.workspace import Workspace

Drop = Callable[..., Path]

SIREN = "Quel est votre numéro SIREN ?"
CONTACT = "Comment s'est fait le premier contact ?"


@pytest.mark.parametrize("propose", [True, False], ids=["run", "check"])
def test_sirens_that_a_spreadsheet_rounded_are_counted_once_a_file(
    edition: Edition, workspace: Workspace, drop: Drop, propose: bool
) -> None:
    rounded = ["7,32829E+08", "7.32829E+08", " 5,52E+08 "]
    path = drop("a.csv", [[SIREN, "comment"], *([cell, "Bien"] for cell in [*rounded, "542051180"])])
    (said,) = [p for p in read_inbox(edition, "startup", workspace, propose=propose).problems if "arrondi" in p.found]
    assert (said.file, said.column, said.severity) == ("a.csv", SIREN, "warning")
    assert said.found.startswith("3 numéros arrondis") and "format Texte" in said.action
    inspected = inspect_form(read_form(open_document(path, "a.csv"))).warnings
    assert said in inspected


def test_brackets_that_a_spreadsheet_made_dates_are_counted(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [[SIREN, CONTACT], *(["732829320", cell] for cell in ["Un salon", "oct-49", "oct-49"])])
    (said,) = [p for p in read_inbox(edition, "startup", workspace).problems if "date" in p.found]
    assert said.found.startswith("2 réponses devenues des dates") and said.row == 3


@pytest.mark.parametrize("typed", ["SIREN 732829320", "FR44732829320", "732829320.0", '="732829320"'])
def test_one_firm_is_one_respondent_however_its_siren_is_written(
    edition: Edition, workspace: Workspace, drop: Drop, typed: str
) -> None:
    head = ["id", "submitdate", "lastpage", "startlanguage", "siren", "comment"]
    drop("a.csv", [head, ["1", "", "5", "fr", "732829320", "Bien"]])
    drop("b.csv", [head, ["1", "", "5", "fr", typed, "Très bien"]])
    assert read_inbox(edition, "startup", workspace).rows == 1
