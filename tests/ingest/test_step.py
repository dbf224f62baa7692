"""The raw tables in the database, and what stops them from being replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import duckdb
import pandas as pd
import pytest

from observatory.database import connect
from observatory.editions.model import Edition
from observatory.ingest import read_inbox
from observatory.ingest.mixture import refuse_mixture
from observatory.ingest.step import ingest
from observatory.problems import ProblemsError
from observatory.progress import Progress
from observatory.workspace import Workspace

Drop = Callable[..., Path]

HEAD = ["id", "submitdate", "siren", "simulated"]
FIRST = [["1", "2025-10-01 10:00:00", "732829320", ""], ["2", "2025-10-01 11:00:00", "552100554", ""]]
LATER = [*FIRST, ["3", "2025-10-02 10:00:00", "542051180", ""]]


@dataclass
class Said(Progress):
    """Keeps what was said."""

    facts: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.facts.append(text)


def stored(workspace: Workspace, name: str) -> pd.DataFrame:
    with connect(workspace, read_only=True) as connection:
        return connection.execute(f'SELECT * FROM raw."{name}_startup_2025"').df()


def test_rows_left_out_are_stored_and_said(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("1.csv", [HEAD, *FIRST])
    progress = Said()
    ingest(edition, "startup", workspace, progress)
    assert stored(workspace, "replaced").empty
    assert not any("remplacée" in fact for fact in progress.facts)
    drop("2.csv", [HEAD, *LATER])
    ingest(edition, "startup", workspace, progress)
    replaced = stored(workspace, "replaced")
    assert list(replaced.columns) == ["respondent", "file", "row", "kept_file", "kept_row"]
    assert list(zip(replaced["file"], replaced["row"], replaced["kept_file"], strict=True)) == [
        ("1.csv", 2, "2.csv"),
        ("1.csv", 3, "2.csv"),
    ]
    assert "2 lignes remplacées par une plus récente" in progress.facts


def test_simulated_answers_among_real_ones_are_refused_by_run_and_check(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("real.csv", [HEAD, *FIRST])
    drop("fiction.csv", [["siren", "simulated"], ["542051180", "true"]])
    ingested = read_inbox(edition, "startup", workspace)
    with pytest.raises(ProblemsError) as caught:
        refuse_mixture(ingested, workspace, edition, "startup")
    assert [problem.file for problem in caught.value.problems] == ["inbox/2025/startup/fiction.csv"]
    with pytest.raises(ProblemsError, match="simulées"):
        ingest(edition, "startup", workspace, Progress())


def test_a_lack_of_memory_while_reading_is_said_in_french(
    edition: Edition, workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("1.csv", [HEAD, *FIRST])
    lacking = mock.Mock(side_effect=duckdb.OutOfMemoryException("failed to allocate data"))
    monkeypatch.setattr("observatory.ingest.step.read_inbox", lacking)
    with pytest.raises(ProblemsError, match="plus de réponses que la mémoire"):
        ingest(edition, "startup", workspace, Progress())
