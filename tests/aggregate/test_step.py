"""What the steps tell the team."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from observatory.aggregate.step import no_previous
from observatory.editions.load import load_edition
from observatory.editions.model import Edition
from observatory.workspace import Workspace

SCHEMAS = Path(__file__).parents[1] / "editions" / "ospo"


@pytest.fixture(scope="module")
def editions() -> tuple[Edition, Edition]:
    return load_edition(SCHEMAS, "2019"), load_edition(SCHEMAS, "2018")


def advice(editions: tuple[Edition, Edition], workspace: Workspace) -> str:
    return no_previous(*editions, workspace).action


def test_the_edition_before_is_only_to_be_run_once_it_has_answers(
    editions: tuple[Edition, Edition], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path)
    assert advice(editions, workspace).startswith("pour en calculer, déposez d'abord ses réponses dans inbox/2018/")
    workspace.settings_file.write_text("simulated: true\n", encoding="utf-8")
    assert f"« observatory simulate 2018 --workspace {tmp_path} »" in advice(editions, workspace)
    for audience in editions[1].audiences:
        inbox = workspace.inbox("2018", audience)
        inbox.mkdir(parents=True)
        shutil.copy(__file__, inbox / "export.csv")
    assert advice(editions, workspace) == "lancez « observatory run 2018 2019 »"
