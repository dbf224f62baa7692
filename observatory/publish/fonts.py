"""The fonts of every publication, found in the installed packages that carry them.

Belongs here: names and files. In a report's CSS a font is `url("font:plex")`, so that no path of a machine
ends up in the HTML. Does not belong here: which font is used for what.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

_FILES: Mapping[str, tuple[str, str]] = {
    "plex": ("fontpkg_ibm_plex_sans", "IBMPlexSans[wdth,wght].ttf"),
    "plex-italic": ("fontpkg_ibm_plex_sans", "IBMPlexSans-Italic[wdth,wght].ttf"),
    "spectral": ("fontpkg_spectral", "Spectral-Regular.ttf"),
    "spectral-italic": ("fontpkg_spectral", "Spectral-Italic.ttf"),
    "spectral-medium": ("fontpkg_spectral", "Spectral-Medium.ttf"),
    "spectral-semibold": ("fontpkg_spectral", "Spectral-SemiBold.ttf"),
}


def font_file(name: str) -> Path:
    """The file of one font. Raises KeyError for a name that is not one of ours."""
    package, file = _FILES[name]
    return Path(str(files(package) / "files" / file))
