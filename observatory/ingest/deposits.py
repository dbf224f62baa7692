"""The files that people dropped into a folder.

Belongs here: which files count as dropped, for the import, the check and whoever watches the inbox. Does not belong
here: what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def deposits(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder, sorted, with its path from there; never hidden files and those of an open document.

    A link that leads to no file is among them: who put it there thinks that answers were handed in.
    """
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        parts = path.relative_to(folder).parts
        if (path.is_file() or path.is_symlink()) and not any(part.startswith((".", "~$")) for part in parts):
            yield "/".join(parts), path
