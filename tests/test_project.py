"""The project's promises about itself: what is documented exists, what exists is documented, what is locked fits."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from observatory import __version__
from observatory.cli import main_group
from observatory.doctor import LIBRARIES, locked_versions

ROOT = Path(__file__).parent.parent
DATA_PACKAGES = ("observatory", "assets", "survey_schemas", "reports")
HEAVY = {
    "assets",
    "babel",
    "dagster",
    "duckdb",
    "jinja2",
    "numpy",
    "pandas",
    "pandera",
    "pydantic",
    "weasyprint",
    "yaml",
}


def files_of_project() -> Iterator[Path]:
    """Every file that belongs to the repository, whether or not git is here to say so."""
    for top in sorted(ROOT.iterdir()):
        if top.name.startswith(("workspace-", ".")) and top.name not in {".ci", ".gitignore"}:
            continue
        if top.name in {"workspace", "build", "dist"} or top.suffix == ".egg-info":
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def text_of(path: Path) -> str:
    """The text of a file, empty when it has none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def lines_matching(pattern: str, paths: Iterator[Path]) -> list[str]:
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        if path != Path(__file__)
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if expression.search(line)
    ]


# What must not be in the repository


def test_no_path_of_a_machine() -> None:
    assert lines_matching(r"(?<![\w.\-:/$}])/(?:work|farm|home|root|Users|opt|tmp)/\w", files_of_project()) == []


def test_no_address_of_a_registry() -> None:
    pattern = r"pypi\.org|pythonhosted|debian\.org|file:///|(?<!no-emit-)(?:index-url|find-links|trusted-host)"
    assert lines_matching(pattern, files_of_project()) == []


def test_no_year_typed_in_templates_and_queries() -> None:
    """A year comes from the edition. Prose has the same rule, held by the build itself."""
    sources = (
        path
        for path in files_of_project()
        if (path.is_relative_to(ROOT / "reports") and path.suffix in {".html", ".css", ".j2", ".md"})
        or path.suffix == ".sql"
    )
    assert lines_matching(r"(?<![\w.#-])(?:19|20)[0-9]{2}(?![\w.-])", sources) == []


# Documentation


def documents() -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/guide.md"))


def documented_lines() -> list[str]:
    """Each line or piece of code of the documents that starts with the command's name, without its comment."""
    code = re.findall(r"^(observatory .*)$|`(observatory [^`]*)`", documents(), re.MULTILINE)
    return [re.sub(r"\s+#.*|\s*>.*", "", line or inline) for line, inline in code]


def commands(group: click.Group = main_group, prefix: str = "") -> dict[str, click.Command]:
    """Every command by its full name; groups are not commands."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix}{name} ")
        else:
            found[f"{prefix}{name}"] = command
    return found


def command_of(line: str) -> str | None:
    """The command that a line calls, or None for the bare command's own options."""
    rest = line.removeprefix("observatory ")
    return next((name for name in sorted(commands(), key=len, reverse=True) if f"{rest} ".startswith(f"{name} ")), None)


@pytest.mark.parametrize("name", commands())
def test_each_command_is_documented(name: str) -> None:
    assert name in {command_of(line) for line in documented_lines()}


@pytest.mark.parametrize("name", commands())
def test_each_command_has_help_and_an_example(name: str) -> None:
    command = commands()[name]
    assert command.help
    assert f"observatory {name}" in (command.epilog or "")


@pytest.mark.parametrize("line", sorted(set(documented_lines())))
def test_documented_calls_exist(line: str) -> None:
    name = command_of(line)
    known = {"--help", "--version"} | {option for parameter in main_group.params for option in parameter.opts}
    if name is None:
        assert line.split()[1].startswith("-"), f"no such command: {line}"
    else:
        known |= {option for parameter in commands()[name].params for option in parameter.opts}
    assert {word.partition("=")[0] for word in shlex.split(line) if word.startswith("--")} <= known


def test_make_targets_of_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", documents(), re.MULTILINE))
    assert {"barometer", "test"} <= named <= targets


def test_linked_files_exist() -> None:
    for name in ("README.md", "docs/guide.md"):
        source = ROOT / name
        links = re.findall(r"\]\((?!https?:)([^)#]+)", source.read_text(encoding="utf-8"))
        assert [link for link in links if not (source.parent / link).exists()] == []


def test_changelog_names_this_version() -> None:
    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_continuous_integration_calls_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)


# The environment


def project() -> dict[str, object]:
    loaded: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return loaded


def required() -> list[Requirement]:
    """What pyproject.toml asks for, all extras together."""
    dependencies, extras = project()["dependencies"], project()["optional-dependencies"]
    assert isinstance(dependencies, list)
    assert isinstance(extras, dict)
    return [Requirement(text) for text in [*dependencies, *(text for extra in extras.values() for text in extra)]]


@pytest.mark.parametrize("requirement", required(), ids=str)
def test_lock_agrees_with_pyproject(requirement: Requirement) -> None:
    locked = {canonicalize_name(name): version for name, version in locked_versions(ROOT / "requirements.lock")}
    assert canonicalize_name(requirement.name) in locked, "run « make lock »"
    assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), "run « make lock »"


def test_lock_holds_pins_with_hashes_and_nothing_else() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert [
        line for line in lines if not re.match(r"[\w.\[\],-]+==\S+(\s+--hash=sha256:[0-9a-f]{64})+\s*$", line)
    ] == []
    assert len(lines) == len(dict(locked_versions(ROOT / "requirements.lock")))


def test_make_and_doctor_ask_for_the_same_libraries() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    packages = re.search(r"^PANGO_PACKAGES := (.*)$", makefile, re.MULTILINE)
    assert packages is not None
    assert packages[1].split() == list(LIBRARIES.values())
    assert all(f'"{library}"' in makefile for library in LIBRARIES)


def test_the_command_starts_without_heavy_imports() -> None:
    script = "import sys, observatory.cli; print(*{name.split('.')[0] for name in sys.modules})"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert HEAVY & set(output.split()) == set()


def test_the_wheel_carries_the_data(tmp_path: Path) -> None:
    """Editions, templates, SQL and catalogues travel with the code; nothing else does."""
    source = tmp_path / "source"
    expected = set()
    for path in files_of_project():
        relative = path.relative_to(ROOT)
        if relative.parts[0] in DATA_PACKAGES:
            expected.add(relative.as_posix())
        elif str(relative) not in {"pyproject.toml", "README.md", "LICENSE"}:
            continue
        (source / relative).parent.mkdir(parents=True, exist_ok=True)
        (source / relative).write_bytes(path.read_bytes())
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert carried == expected


def test_what_comes_before_a_run_leaves_duckdb_to_it() -> None:
    """Loaded before the other libraries, DuckDB keeps the garbage collector on them: 2 s a run."""
    script = (
        "import sys, observatory.run, observatory.current, observatory.editions.load; print('duckdb' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
