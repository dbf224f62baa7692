"""The spreadsheets that wait for the team: their names, and how new ones take the place of old ones.

Belongs here: which spreadsheet of `review/<edition>/` is the software's and which is somebody's work. Does not
belong here: what a spreadsheet holds (validate), when a run becomes current (publish).

`a-corriger-<audience>-<round>-<digest>.xlsx`: the round is one more than the last one deposited in
`corrections/<edition>/`, so that names sort as the rounds were; the digest is that of the bytes written, so that no
name stands for two contents. A file that no longer matches its digest holds what somebody typed: it is never
replaced, and never removed unless the same bytes were deposited.
"""

from __future__ import annotations

import filecmp
import hashlib
import itertools
import os
import re
from pathlib import Path

from observatory.workspace import REVIEW_PREFIX, Workspace

_SHEETS = f"{REVIEW_PREFIX}*.xlsx"
_FILLED = " (rempli"


def prepare_sheet(workspace: Workspace, edition: str, audience: str, content: bytes | None) -> None:
    """Put one audience's spreadsheet where renew_review() finds it; None when there is nothing to correct.

    It stays there until the next one, so that a renewal cut short can be done again.
    """
    pending = workspace.pending_review(edition)
    pending.mkdir(parents=True, exist_ok=True)
    name = "" if content is None else _name(workspace, edition, audience, content)
    if content is not None:
        _write(content, pending / name)
    for old in pending.glob(f"{REVIEW_PREFIX}{audience}-*.xlsx"):
        if old.name != name:
            old.unlink()


def renew_review(workspace: Workspace, edition: str) -> list[Path]:
    """Put the spreadsheets prepared before the team; gives those of earlier runs that are filled in, not deposited.

    These are kept as `… (rempli).xlsx`. Every step is one act of the file system, and can be done again.
    """
    pending, review, deposits = (
        workspace.pending_review(edition),
        workspace.review(edition),
        workspace.corrections(edition),
    )
    if not pending.is_dir():
        return []
    review.mkdir(parents=True, exist_ok=True)
    prepared = sorted(pending.glob(_SHEETS))
    for sheet in prepared:
        # One that was deposited since would come back empty, to be dropped over what was filled in.
        if not (review / sheet.name).exists() and not (deposits / sheet.name).exists():
            _write(sheet.read_bytes(), review / sheet.name)
    names = {sheet.name for sheet in prepared}
    kept = []
    for old in sorted(review.glob(_SHEETS)):
        if old.name in names:
            continue
        if _untouched(old) or _deposited(old, deposits):
            old.unlink()
        else:
            kept.append(old.rename(_name_of_filled(old)))
    return kept


def _name(workspace: Workspace, edition: str, audience: str, content: bytes) -> str:
    deposits = workspace.corrections(edition).glob(f"{REVIEW_PREFIX}{audience}-*")
    rounds = (re.match(rf"{REVIEW_PREFIX}{audience}-(\d{{2,}})-", deposit.name) for deposit in deposits)
    last = max((int(found[1]) for found in rounds if found), default=0)
    return f"{REVIEW_PREFIX}{audience}-{last + 1:02d}-{_digest(content)}.xlsx"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:6]


def _untouched(sheet: Path) -> bool:
    return f"-{_digest(sheet.read_bytes())}" in sheet.stem


def _deposited(sheet: Path, deposits: Path) -> bool:
    return any(file.is_file() and filecmp.cmp(sheet, file, shallow=False) for file in deposits.glob("*"))


def _name_of_filled(sheet: Path) -> Path:
    if _FILLED in sheet.stem:
        return sheet
    endings = itertools.chain([""], (f" {number}" for number in itertools.count(2)))
    names = (sheet.with_name(f"{sheet.stem}{_FILLED}{ending}).xlsx") for ending in endings)
    return next(name for name in names if not name.exists())


def _write(content: bytes, file: Path) -> None:
    """Replace the file in one go. Unfinished files share a name: the next writing takes over what a kill left."""
    unfinished = file.with_name(f".{REVIEW_PREFIX}part")
    unfinished.write_bytes(content)
    os.replace(unfinished, file)
