"""The forms step: the files of an edition's questionnaires, for one form tool, in a folder.

Belongs here: which files are written, each whole or not at all, and never over a file that
somebody changed. Does not belong here: what is in them (limesurvey.py, xlsform.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from observatory.editions.model import Audience, Edition
from observatory.forms.limesurvey import limesurvey, write_limesurvey
from observatory.forms.xlsform import write_xlsform, xlsform
from observatory.problems import Problem, ProblemsError

FormTool = Literal["limesurvey", "xlsform"]
SUFFIXES: dict[FormTool, str] = {"limesurvey": ".txt", "xlsform": ".xlsx"}
_WRITTEN = ".formulaires.json"
"""What was written, by file: the SHA-256 it may have. A file that differs was changed by somebody.

While files are replaced, both the last ones and the next ones are expected: an export stopped halfway leaves either.
"""


def export_forms(edition: Edition, tool: FormTool, audiences: Sequence[Audience], folder: Path) -> list[Path]:
    """Write the form of each audience into the folder; the same edition always gives the same bytes.

    Raises ProblemsError, and writes nothing, where a form can't be made or a file there is not one of these forms as it
    was written.
    """
    with tempfile.TemporaryDirectory() as place:
        made = [_make(edition, tool, audience, Path(place)) for audience in audiences]
        contents = {file.name: file.read_bytes() for file in made}
    digests = _digests(folder)
    changed = [name for name, content in contents.items() if _was_changed(folder / name, content, digests)]
    if changed:
        raise ProblemsError(
            [
                Problem(
                    file=str(folder / name),
                    found="un fichier de ce nom, fait ou modifié autrement que par cette commande",
                    expected="aucun fichier de ce nom, ou le dernier export tel quel",
                    action="renommez-le ou rangez-le ailleurs, puis relancez",
                )
                for name in changed
            ]
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = {name: [hashlib.sha256(content).hexdigest()] for name, content in contents.items()}
        _record(folder, digests | {name: [*digests.get(name, []), *digest] for name, digest in new.items()})
        for name, content in contents.items():
            _replace(folder / name, content)
        _record(folder, digests | new)
    except OSError as error:
        raise ProblemsError(
            [
                Problem(
                    file=str(folder),
                    found=f"un dossier où l'on ne peut pas écrire ({error.strerror})",
                    expected="un dossier accessible en écriture",
                    action="choisissez-en un autre avec --output, ou demandez les droits",
                )
            ]
        ) from None
    return [folder / name for name in contents]


def _make(edition: Edition, tool: FormTool, audience: Audience, folder: Path) -> Path:
    file = folder / f"questionnaire-{edition.name}-{audience}-{tool}{SUFFIXES[tool]}"
    writers: dict[FormTool, Callable[[], None]] = {
        "limesurvey": lambda: write_limesurvey(limesurvey(edition, audience), file),
        "xlsform": lambda: write_xlsform(xlsform(edition, audience), file, _created(edition)),
    }
    writers[tool]()
    return file


def _created(edition: Edition) -> dt.date:
    """The date in a workbook: that of the edition's opening, since none comes from the clock."""
    return edition.config.collection.opens


def _digests(folder: Path) -> dict[str, list[str]]:
    try:
        found = json.loads((folder / _WRITTEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Without the list, nothing there is known to be ours.
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: [digest] if isinstance(digest, str) else list(digest) for name, digest in found.items()}


def _record(folder: Path, digests: Mapping[str, Sequence[str]]) -> None:
    _replace(folder / _WRITTEN, json.dumps(digests, indent=1, sort_keys=True).encode())


def _was_changed(file: Path, content: bytes, digests: Mapping[str, Sequence[str]]) -> bool:
    if not file.exists():
        return False
    there = file.read_bytes() if file.is_file() else b""
    return there != content and hashlib.sha256(there).hexdigest() not in digests.get(file.name, [])


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.new")
    draft.write_bytes(content)
    os.replace(draft, file)
