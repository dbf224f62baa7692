"""The simulate step on a workspace: what it writes, what it replaces, what it refuses."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from observatory.problems import ProblemsError
from observatory.simulate.marks import COLUMN, PREFIX, VALUE, is_simulated
from observatory.simulate.step import simulate
from observatory.workspace import Workspace

EDITION = "2024"


def contents(workspace: Workspace) -> dict[str, bytes]:
    return {
        str(file.relative_to(workspace.root)): file.read_bytes() for file in sorted(workspace.root.rglob("simule-*"))
    }


@pytest.fixture(scope="module")
def filled(schemas: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("filled"))
    simulate(schemas, [EDITION], workspace)
    return workspace


def test_same_seed_same_bytes_whatever_else_is_simulated(filled: Workspace, schemas: Path, tmp_path: Path) -> None:
    again = Workspace(tmp_path)
    simulate(schemas, ["2023", EDITION], again)
    both = contents(again)
    assert {name: both[name] for name in contents(filled)} == contents(filled)
    simulate(schemas, [EDITION], again)
    assert contents(again) == both


def test_another_seed_gives_other_answers(filled: Workspace, schemas: Path, tmp_path: Path) -> None:
    other = Workspace(tmp_path)
    simulate(schemas, [EDITION], other, seed=1)
    assert contents(other).keys() == contents(filled).keys()
    assert all(contents(other)[name] != data for name, data in contents(filled).items())


def test_two_tools_an_audience_each_saying_that_it_is_simulated(filled: Workspace) -> None:
    for audience in ("startup", "buyer"):
        files = list(filled.inbox(EDITION, audience).iterdir())
        assert len(files) == 2
        assert all(file.name.startswith(PREFIX) and is_simulated(file) for file in files)


def test_the_workspace_says_that_it_is_simulated(filled: Workspace) -> None:
    assert filled.settings.simulated
    assert filled.settings.publisher is not None
    assert "fictif" in filled.settings.publisher.name


def test_nothing_else_is_left_behind(filled: Workspace) -> None:
    assert not list(filled.root.glob(".simulate-*"))


def test_real_answers_are_refused_and_nothing_changes(schemas: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    real = workspace.inbox(EDITION, "buyer") / "reponses.csv"
    real.parent.mkdir(parents=True)
    real.write_text("id;siren\n1;000123456\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"reponses\.csv"):
        simulate(schemas, [EDITION], workspace)
    assert not workspace.settings_file.exists()
    assert contents(workspace) == {}


def test_real_answers_under_a_simulated_name_are_refused(schemas: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    [file, *_] = simulate(schemas, [EDITION], workspace)
    with file.open(encoding="utf-8-sig", newline="") as text:
        records = list(csv.reader(text, delimiter=";"))
    records[5][records[0].index(COLUMN)] = ""
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        csv.writer(text, delimiter=";").writerows(records)
    with pytest.raises(ProblemsError, match="simulé"):
        simulate(schemas, [EDITION], workspace)


def test_a_publisher_of_its_own_is_not_replaced(schemas: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.settings_file.write_text("publisher: {name: Observatoire réel}\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match="publisher"):
        simulate(schemas, [EDITION], workspace)


def test_an_unknown_edition_writes_nothing(schemas: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="1999"):
        simulate(schemas, ["1999"], Workspace(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "text", "simulated"),
    [
        ("simule-a.csv", f"id;{COLUMN}\n1;{VALUE}\n", True),
        ("simule-a.csv", f"id,{COLUMN}\n1,{VALUE}\n", True),
        ("a.csv", f"id;{COLUMN}\n1;{VALUE}\n", False),
        ("simule-a.csv", "id;siren\n1;2\n", False),
        ("simule-a.csv", f"id;{COLUMN}\n1;\n", False),
        ("simule-a.csv", "", False),
        ("simule-a.xlsx", "not a workbook", False),
    ],
)
def test_a_file_is_simulated_only_if_it_says_so_twice(tmp_path: Path, name: str, text: str, simulated: bool) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert is_simulated(file) is simulated
