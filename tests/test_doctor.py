"""The doctor names what is missing, in French, and how to mend it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from observatory.doctor import (
    Check,
    check_disk,
    check_editions,
    check_fonts,
    check_idle,
    check_packages,
    check_pango,
    check_python,
    check_reports,
    check_workspace,
    diagnose,
)
from observatory.folders import folders
from observatory.workspace import Workspace


def test_all_is_well_here(tmp_path: Path) -> None:
    checks = diagnose(folders(tmp_path / "workspace"))
    assert [check for check in checks if not check.ok] == []
    assert not (tmp_path / "workspace").exists()


def test_only_the_standard_library_is_needed() -> None:
    script = (
        "import sys; before = set(sys.modules); import observatory.doctor; "
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "['observatory']"


@pytest.mark.parametrize(
    ("check", "detail", "remedy"),
    [
        (check_python((3, 12)), "3.12 au lieu de 3.11", "installez Python 3.11"),
        (check_pango({"libnowhere.so.0": "libnowhere0"}), "il manque libnowhere0", "apt-get install libnowhere0"),
        (check_fonts({"fontpkg_nowhere": "Nulle Part"}), "introuvables : Nulle Part", "make barometer"),
        (check_editions(Path("nowhere")), "aucune édition dans nowhere", "--schemas"),
        (check_reports(Path("nowhere")), "aucun modèle dans nowhere", "OBSERVATORY_REPORTS"),
        (check_disk(Path("nowhere"), least=10**18), "1000000000,0 Go au moins", "libérez de la place"),
    ],
    ids=lambda value: value.name if isinstance(value, Check) else None,
)
def test_what_is_missing_is_named_with_its_remedy(check: Check, detail: str, remedy: str) -> None:
    assert not check.ok
    assert detail in check.detail
    assert remedy in check.remedy


def test_packages_are_compared_with_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("# make lock\nnowhere==1.0 \\\n    --hash=sha256:00\nclick==0.1 \\\n    --hash=sha256:00\n")
    check = check_packages(lock)
    assert not check.ok
    assert "nowhere absent" in check.detail
    assert "au lieu de 0.1" in check.detail
    assert ".venv" in check.remedy


def test_packages_without_a_lock_are_not_compared(tmp_path: Path) -> None:
    assert check_packages(tmp_path / "requirements.lock").ok


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_workspace_that_refuses_writing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert not check_workspace(tmp_path).ok


def test_workspace_where_a_file_lies(tmp_path: Path) -> None:
    (tmp_path / "workspace").touch()
    assert not check_workspace(tmp_path / "workspace").ok


def test_workspace_that_exists_is_left_as_it_was(tmp_path: Path) -> None:
    assert check_workspace(tmp_path).ok
    assert list(tmp_path.iterdir()) == []


def test_another_run_is_seen_and_not_disturbed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert check_idle(tmp_path).ok
    with workspace.lock(lambda _: None):
        check = check_idle(tmp_path)
        assert not check.ok
        assert str(os.getpid()) in check.detail
    assert check_idle(tmp_path).ok


def test_enough_disk() -> None:
    assert check_disk(Path(), least=shutil.disk_usage(Path()).free // 2).ok
