"""A new edition's folder, copied from an earlier one.

Belongs here: what is carried over, what moves by a year, and the lineage every copied
question starts with. Does not belong here: judging what changed; the team writes that.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from observatory.editions.documents import shown
from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import AUDIENCES
from observatory.problems import Problem, ProblemsError

_NOT_CARRIED = ("margins",)
"""Margins describe one year's population: they are to be found anew."""


def create_edition(schemas: Path, name: str, source: str | None = None) -> tuple[Path, list[str]]:
    """Copy an edition (default: the last) under a new name; returns the folder and what to do next, in French.

    The folder appears whole or not at all. Raises ProblemsError when the name is no year, exists already, or the
    source can't be loaded.
    """
    names = edition_names(schemas)
    source = source or (names[-1] if names else "")
    if not re.fullmatch(r"[0-9]{4}", name):
        raise ProblemsError(
            [_problem(name, f"« {name} »", "une année, par exemple 2026", "corrigez le nom de l'édition")]
        )
    if (schemas / name).exists():
        raise ProblemsError(
            [_problem(name, "une édition de ce nom", "une année sans dossier", "modifiez l'édition qui existe")]
        )
    edition = load_edition(schemas, source)
    if name <= source:
        raise ProblemsError(
            [_problem(name, f"« {name} »", f"une année après {source}", "donnez l'édition à recopier avec --from")]
        )
    shift = int(name) - int(source)
    draft = schemas / f".{name}.new"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(edition.folder, draft, ignore=shutil.ignore_patterns(*_NOT_CARRIED))
    try:
        _rewrite(draft / "edition.yaml", lambda data: _move_edition(data, name, source, shift))
        for audience in AUDIENCES:
            if (draft / f"{audience}.yaml").is_file():
                _rewrite(draft / f"{audience}.yaml", lambda data: _descend(data, source))
        draft.rename(schemas / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return schemas / name, [
        f"Vérifiez les dates et les cibles dans {shown(schemas / name / 'edition.yaml')}.",
        "Modifiez les questionnaires ; dites chaque changement dans « lineage ».",
        f"Contrôlez : observatory check {name}.",
    ]


def _problem(name: str, found: str, expected: str, action: str) -> Problem:
    return Problem(file=name, found=found, expected=expected, action=action)


def _rewrite(file: Path, change: Any) -> None:
    """Change a YAML file and keep its comments and its layout."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(file.read_text(encoding="utf-8"))
    change(data)
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)


def _move_edition(data: CommentedMap, name: str, source: str, shift: int) -> None:
    data["edition"], data["previous"] = name, source
    if data.get("reference_years"):
        data["reference_years"] = [int(year) + shift for year in data["reference_years"]]
    for language, title in data["title"].items():
        data["title"][language] = str(title).replace(source, name)
    for part, key in (("collection", "opens"), ("collection", "closes"), ("report", "date")):
        data[part][key] = _later(data[part][key], shift)
    data["report"]["status"] = "projet"


def _later(day: dt.date | str, years: int) -> dt.date:
    date = day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day))
    try:
        return date.replace(year=date.year + years)
    except ValueError:  # 29 February
        return date.replace(year=date.year + years, day=28)


def _descend(data: CommentedMap, source: str) -> None:
    for question in data["questions"]:
        lineage = CommentedMap(same_as=f"{source}.{question['id']}")
        lineage.fa.set_flow_style()
        question["lineage"] = lineage
