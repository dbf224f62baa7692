"""The database of a workspace, opened as it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from observatory.database import connect
from observatory.problems import ProblemsError
from observatory.workspace import Workspace


@pytest.mark.parametrize("row_group", [None, 32_768])
def test_a_damaged_database_is_not_waited_for_whatever_its_folder_is_called(
    row_group: int | None, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "blockchain" / "lock")
    workspace.root.mkdir(parents=True)
    workspace.database.write_bytes(b"no database" * 1000)
    waited: list[str] = []
    with (
        pytest.raises(ProblemsError, match="une base illisible"),
        connect(workspace, waiting=waited.append, timeout=1.0, row_group=row_group),
    ):
        pass
    assert not waited
