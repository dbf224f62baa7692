"""Which code made a figure.

Belongs here: the version that provenance names. The number alone would not tell two
states of a checkout apart, so it carries a digest of the code that computes and draws.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

from observatory import __version__

_SUFFIXES = (".py", ".sql", ".yaml")


def code_version() -> str:
    """The version and eight digits of the code's digest, such as `0.1.0+1f2e3d4c`."""
    digest = hashlib.sha256()
    for name, content in sorted(_sources(resources.files("observatory"), "")):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return f"{__version__}+{digest.hexdigest()[:8]}"


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_SUFFIXES):
            found.append((f"{prefix}{entry.name}", entry.read_bytes()))
    return found
