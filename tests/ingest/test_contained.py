"""A file whose rows are all in another counts its respondents twice, unless something tells who they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from observatory.editions.model import Edition
from observatory.ingest import read_inbox
from observatory.problems import Problem
from observatory.workspace import Workspace

Drop = Callable[..., Path]
Warned = Callable[[], list[Problem]]

HEAD = ["relation_12m", "first_contact", "revenue_first", "revenue_last", "comment"]
PEOPLE = [[("Oui", "Non")[at % 2], "Un salon", f"{at}000", f"{at % 7}500", f"Remarque {at}"] for at in range(1, 41)]


@pytest.fixture
def warned(edition: Edition, workspace: Workspace) -> Warned:
    """The warnings of an import that nothing stops, about files in others."""

    def read() -> list[Problem]:
        problems = read_inbox(edition, "startup", workspace).problems
        return [problem for problem in problems if "semble contenu" in problem.found]

    return read


def rows(people: Sequence[Sequence[str]], *columns: int) -> list[list[str]]:
    """Headings and answers, with a column of SIRENs that nobody filled in."""
    return [["" if at else "siren", *(row[c] for c in columns or range(5))] for at, row in enumerate((HEAD, *people))]


def test_a_new_export_with_fewer_columns_is_told_and_counted(drop: Drop, warned: Warned) -> None:
    drop("tout.csv", rows(PEOPLE))
    drop("vieux.csv", rows([*PEOPLE[:18], ["Oui", "Un salon", "77", "78", "x"]], 0, 2, 3))
    (problem,) = warned()
    assert problem.file == "vieux.csv"
    assert "tout.csv : 18 de ses 19 réponses" in problem.found
    assert problem.severity == "warning"


def test_of_files_as_long_the_one_that_says_less_is_named(drop: Drop, warned: Warned) -> None:
    drop("a.csv", rows(PEOPLE))
    drop("b.csv", rows(list(reversed(PEOPLE)), 0, 1, 2, 3))
    assert [problem.file for problem in warned()] == ["b.csv"]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(PEOPLE[:9], id="too few rows"),
        pytest.param(
            [*PEOPLE[:15], *[["Oui", "Un salon", f"{at}", f"{at}", "x"] for at in range(900, 905)]], id="a part"
        ),
        pytest.param([["Oui", "Un salon", "1000", "1500", "x"]] * 12, id="all alike"),
    ],
)
def test_files_that_share_little_are_not_suspected(others: list[list[str]], drop: Drop, warned: Warned) -> None:
    drop("tout.csv", rows(PEOPLE))
    drop("autre.csv", rows(others, 0, 1, 2, 3))
    assert not warned()


def test_many_who_ticked_the_same_are_not_the_same_people(drop: Drop, warned: Warned) -> None:
    common = [["Oui", "Un salon", f"{at % 8}000", f"{at % 2}500", "x"] for at in range(400)]
    drop("tout.csv", rows(common))
    drop("autre.csv", rows(common[:12], 0, 1, 2, 3))
    assert not warned()


def test_people_whose_siren_is_told_are_left_to_the_duplicates(drop: Drop, warned: Warned) -> None:
    sirens = ["siren", *(f"{732829320 + at}" for at in range(len(PEOPLE)))]
    drop("a.csv", [[siren, *row[1:]] for siren, row in zip(sirens, rows(PEOPLE), strict=True)])
    drop("b.csv", [[siren, *row[1:]] for siren, row in zip(sirens[:20], rows(PEOPLE[:19], 0, 1, 2, 3), strict=True)])
    assert not warned()
