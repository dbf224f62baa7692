"""Files of forms: always the same bytes, never over somebody's own, and a command that says what to do with them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from observatory.editions.load import load_edition
from observatory.editions.model import Edition
from observatory.forms.step import FormTool, export_forms
from observatory.problems import ProblemsError
from tests.end_to_end.tiny import ROOT, arguments
from tests.forms.conftest import QUESTIONNAIRE, SCHEMAS, Write

TOOLS: tuple[FormTool, ...] = ("limesurvey", "xlsform")


@pytest.mark.parametrize("tool", TOOLS)
def test_the_same_edition_always_gives_the_same_bytes(every_type: Edition, tool: FormTool, tmp_path: Path) -> None:
    one, other = (export_forms(every_type, tool, ["buyer"], tmp_path / name)[0] for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_form_replaces_its_own_last_export(
    every_type: Edition, write_edition: Write, tool: FormTool, tmp_path: Path
) -> None:
    (form,) = export_forms(every_type, tool, ["buyer"], tmp_path / "forms")
    before = form.read_bytes()
    changed = load_edition(write_edition(QUESTIONNAIRE.replace("Anything else?", "Anything to add?")), "2031")
    assert export_forms(changed, tool, ["buyer"], tmp_path / "forms") == [form]
    assert form.read_bytes() != before


@pytest.mark.parametrize("tool", TOOLS)
def test_a_form_somebody_changed_is_left_alone(every_type: Edition, tool: FormTool, tmp_path: Path) -> None:
    (form,) = export_forms(every_type, tool, ["buyer"], tmp_path)
    form.write_bytes(b"theirs")
    with pytest.raises(ProblemsError) as refused:
        export_forms(every_type, tool, ["buyer"], tmp_path)
    assert refused.value.problems[0].file == str(form)
    assert form.read_bytes() == b"theirs"


@pytest.mark.parametrize("files_replaced", [0, 1, 2])
def test_an_export_stopped_on_its_way_does_not_hinder_the_next(
    write_edition: Write, files_replaced: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (
        load_edition(write_edition(QUESTIONNAIRE.replace("Anything else?", text)), "2031") for text in "ABC"
    )
    (form,) = export_forms(first, "limesurvey", ["buyer"], tmp_path / "forms")
    replace, done = os.replace, []

    def until_stopped(source: Path, target: Path) -> None:
        if len(done) == files_replaced:
            raise KeyboardInterrupt
        done.append(target)
        replace(source, target)

    with monkeypatch.context() as stopped:
        stopped.setattr(os, "replace", until_stopped)
        with pytest.raises(KeyboardInterrupt):
            export_forms(second, "limesurvey", ["buyer"], tmp_path / "forms")
    assert export_forms(third, "limesurvey", ["buyer"], tmp_path / "forms") == [form]
    form.write_bytes(b"theirs")
    with pytest.raises(ProblemsError):
        export_forms(third, "limesurvey", ["buyer"], tmp_path / "forms")


def command(workspace: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments(workspace, "forms", "export", *words, schemas=SCHEMAS), cwd=ROOT, capture_output=True, text=True
    )


def test_the_command_says_what_was_made_and_what_to_do_next(tmp_path: Path) -> None:
    done = command(tmp_path, "2025", "--tool", "limesurvey")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "forms" / "2025"
    for audience in ("startup", "buyer"):
        assert f"  {folder / f'questionnaire-2025-{audience}-limesurvey.txt'}\n" in done.stdout
        assert str(tmp_path / "inbox" / "2025" / audience) in done.stdout
    assert "« Réponses complètes »" in done.stdout


def test_the_command_writes_where_it_is_told_and_one_audience(tmp_path: Path) -> None:
    done = command(
        tmp_path / "workspace", "2025", "--tool", "xlsform", "--audience", "buyer", "--output", str(tmp_path / "here")
    )
    assert done.returncode == 0, done.stderr
    assert [file.name for file in (tmp_path / "here").glob("*.xlsx")] == ["questionnaire-2025-buyer-xlsform.xlsx"]
    assert not (tmp_path / "workspace").exists()


def test_the_command_refuses_in_french_what_was_changed(tmp_path: Path) -> None:
    command(tmp_path, "2025", "--tool", "limesurvey", "--audience", "buyer")
    (form,) = (tmp_path / "forms" / "2025").glob("*.txt")
    form.write_text("à moi", encoding="utf-8")
    done = command(tmp_path, "2025", "--tool", "limesurvey", "--audience", "buyer")
    assert done.returncode == 1
    assert done.stderr.startswith("Refusé — ") and "renommez-le" in done.stderr
    assert form.read_text(encoding="utf-8") == "à moi"
