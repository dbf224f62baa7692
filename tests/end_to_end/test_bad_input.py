"""Bad input is the normal case: a clear message in French, a non-zero exit, and everything as it was."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from observatory.workspace import Workspace
from tests.end_to_end.tiny import HEADINGS, ROOT, TINY, Command, answers, fill


def state(workspace: Path) -> dict[str, str]:
    """What the team sees: deposits, outputs and what lies for review, by content."""
    seen = {}
    for part in ("inbox", "output", "corrections", "review"):
        for file in sorted((workspace / part).rglob("*")):
            if file.is_file():
                seen[str(file.relative_to(workspace))] = hashlib.sha256(file.read_bytes()).hexdigest()
    return seen


def empty_file(inbox: Path) -> None:
    (inbox / "vide.csv").write_bytes(b"")


def pdf_named_csv(inbox: Path) -> None:
    (inbox / "rapport.csv").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")


def truncated_xlsx(inbox: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write_row(0, 0, HEADINGS)
    content = buffer.getvalue()
    (inbox / "export.xlsx").write_bytes(content[: len(content) // 2])


def required_column_missing(inbox: Path) -> None:
    shutil.rmtree(inbox)
    fill(inbox.parents[2], [row[2:] for row in answers()], headings=HEADINGS[2:])


def no_answers(inbox: Path) -> None:
    shutil.rmtree(inbox)
    fill(inbox.parents[2], [])


def no_file(inbox: Path) -> None:
    shutil.rmtree(inbox)


CASES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "an empty file": (empty_file, ("vide.csv",)),
    "a PDF renamed .csv": (pdf_named_csv, ("rapport.csv", "PDF")),
    "a truncated XLSX": (truncated_xlsx, ("export.xlsx",)),
    "a required column missing": (required_column_missing, ("export.csv", "siren")),
    "no answers": (no_answers, ("réponse",)),
    "no file at all": (no_file, ("inbox/2025/buyer",)),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_deposits_are_refused_and_leave_everything_as_it_was(workspace: Path, command: Command, case: str) -> None:
    spoil, said = CASES[case]
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    figures = command("figures", "2025", "--format", "csv").stdout
    spoil(Workspace(workspace).inbox("2025", "buyer"))
    before = state(workspace)

    refused = command("run", "2025")

    assert refused.returncode != 0
    assert "Refusé" in refused.stderr and "attendu" in refused.stderr and "à faire" in refused.stderr
    for word in said:
        assert word in refused.stderr
    assert "Traceback" not in refused.stderr
    # What DuckDB's module says at the end of a process that still holds its objects.
    assert "leaked" not in refused.stderr and "nanobind" not in refused.stderr
    after = state(workspace)
    assert {name: after[name] for name in after if not name.startswith("review/2025/mapping")} == before
    assert command("figures", "2025", "--format", "csv").stdout == figures


def test_a_questionnaire_with_a_typo_is_refused_with_its_line(
    workspace: Path, command: Command, tmp_path: Path
) -> None:
    fill(workspace, answers())
    schemas = Path(shutil.copytree(TINY, tmp_path / "schemas"))
    file = schemas / "2025" / "buyer.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("type: multiple", "type: multipel"), encoding="utf-8")
    line = text[: text.index("type: multiple")].count("\n") + 1
    refused = command("run", "2025", schemas=schemas)
    assert refused.returncode != 0
    assert f"2025/buyer.yaml, ligne {line}" in refused.stderr
    assert "« multipel »" in refused.stderr and "« multiple »" in refused.stderr
    assert not (workspace / "observatory.duckdb").exists()


def test_an_unknown_edition_is_refused_with_those_there_are(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    refused = command("run", "1999")
    assert refused.returncode != 0
    assert "1999" in refused.stderr and "2025" in refused.stderr
    assert not (workspace / "output").exists()


def test_prose_that_names_an_unknown_figure_stops_with_file_and_line(
    workspace: Path, command: Command, tmp_path: Path
) -> None:
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    before = state(workspace)
    schemas = Path(shutil.copytree(TINY, tmp_path / "schemas"))
    file = schemas / "2025" / "report" / "fr" / "chapters" / "summary.md"
    file.write_text(file.read_text("utf-8").replace("buyer.obstacles.share", "buyer.obstacels.share"), encoding="utf-8")
    refused = command("run", "2025", schemas=schemas)
    assert refused.returncode != 0
    assert "summary.md, ligne 3" in refused.stderr
    assert "buyer.obstacels.share" in refused.stderr and "buyer.obstacles.share" in refused.stderr
    assert state(workspace) == before


def test_a_refusal_never_shows_an_answer(workspace: Path, command: Command) -> None:
    rows = answers()
    rows[0][4], rows[1][1] = "douze mille et quelques", "123456780"
    fill(workspace, rows)
    done = command("run", "2025")
    assert done.returncode == 0
    assert "douze mille" not in done.stdout + done.stderr
    assert "123456780" not in done.stdout + done.stderr
    assert any(workspace.glob("review/2025/a-corriger-*.xlsx"))


def test_the_last_figures_stay_readable_while_a_questionnaire_is_broken(
    workspace: Path, command: Command, tmp_path: Path
) -> None:
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    figures = command("figures", "2025").stdout
    schemas = Path(shutil.copytree(TINY, tmp_path / "schemas"))
    (schemas / "2025" / "buyer.yaml").write_text("questions: [", encoding="utf-8")
    again = command("figures", "2025", schemas=schemas)
    assert (again.returncode, again.stdout) == (0, figures)
    unknown = command("figures", "1999", schemas=schemas)
    assert unknown.returncode == 1 and "l'une des éditions : 2025" in unknown.stderr


def test_a_workspace_in_use_is_refused_at_once_to_who_would_not_wait(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    with Workspace(workspace).lock(lambda _: None):
        refused = command("run", "2025", "--no-wait")
    assert refused.returncode == 1
    assert "une autre exécution utilise cet espace de travail" in refused.stderr
    assert "j'attends" not in refused.stderr


def test_invented_answers_never_go_to_the_real_workspace_by_omission(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OBSERVATORY_WORKSPACE"}
    done = subprocess.run(
        [sys.executable, "-m", "observatory.cli", "simulate", "2025", "--schemas", str(TINY)],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert [folder.name for folder in tmp_path.iterdir()] == ["workspace-example"]
    assert "--workspace workspace-example" in done.stdout
