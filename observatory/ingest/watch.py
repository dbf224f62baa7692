"""Has an inbox changed? Told from names, sizes and times, without reading a file.

Belongs here: the state of an edition's inbox as a whole. Does not belong here: what is in
the files.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from observatory.editions.model import AUDIENCES
from observatory.ingest.deposits import deposits
from observatory.workspace import Workspace


@dataclass(frozen=True)
class InboxState:
    """`fingerprint` changes with any file; empty when there is none. `changed` is the last change, in seconds."""

    fingerprint: str
    changed: float


def inbox_state(workspace: Workspace, edition: str) -> InboxState:
    """The state of the inbox of one edition, all audiences together."""
    digest, changed, seen = hashlib.sha256(), 0.0, False
    for audience in AUDIENCES:
        folder = workspace.inbox(edition, audience)
        for name, file in deposits(folder):
            status = file.stat() if file.exists() else file.lstat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
            changed, seen = max(changed, status.st_mtime), True
    return InboxState(digest.hexdigest()[:16] if seen else "", changed)
