"""Specifications become SVG.

Belongs here: vl-convert, the folder of kept drawings, and what an SVG needs to stand in the report (its text stays
text). Does not belong here: any specification. A kept drawing is named by the hash of its specification, of this
module's rules and of vl-convert's version; drawing again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from observatory.publish.charts.theme import Spec
from observatory.publish.fonts import font_file

_RULES = "2"
"""Raise it when `_cleaned` changes: older kept drawings are then drawn again."""

_ARIA = re.compile(r' (?:aria-[a-z]+|role|pointer-events|xmlns:xlink|class)="[^"]*"')
_NUMBERED = re.compile(r'(id="|url\(#)([a-z_]+)(\d+)')
_BACKGROUND = re.compile(r'<rect width="[\d.]+" height="[\d.]+" fill="white"/>')
_READABLE = " /:;,=()'<>.-"
_INVISIBLE = re.compile(r'<path d="[^"]*" display="none"/>|<path d="M0,0h0v0h0Z"/>|<path d="" display="none"/>')


def draw(specs: Sequence[Spec], cache: Path | None = None) -> list[str]:
    """One SVG a specification, in order. Without a cache every chart is drawn anew, in this process."""
    if cache is None:
        return _draw_here(specs)
    cache.mkdir(parents=True, exist_ok=True)
    files = [cache / f"{_name(spec)}.svg" for spec in specs]
    missing = [(spec, file) for spec, file in zip(specs, files, strict=True) if not file.is_file()]
    if missing:
        for (_, file), svg in zip(missing, _draw_apart([spec for spec, _ in missing]), strict=True):
            # A run that is killed half-way must not leave half a drawing under a name that promises a whole one.
            part = file.with_suffix(".part")
            part.write_text(svg, encoding="utf-8")
            part.replace(file)
    return [file.read_text(encoding="utf-8") for file in files]


def _draw_apart(specs: Sequence[Spec]) -> list[str]:
    """The drawings by a process of its own: its JavaScript engine keeps 110 MB that the layout of the pages needs."""
    process = subprocess.run(
        [sys.executable, "-m", __spec__.name], input=json.dumps(specs), capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise RuntimeError(process.stderr)
    return [str(svg) for svg in json.loads(process.stdout)]


def _draw_here(specs: Sequence[Spec]) -> list[str]:
    import vl_convert

    vl_convert.register_font_directory(str(font_file("plex").parent))
    return [_cleaned(vl_convert.vegalite_to_svg(spec)) for spec in specs]


def as_png(svg: str, scale: float = 1.5) -> bytes:
    """A drawing as an image, for where SVG can't be shown."""
    import vl_convert

    vl_convert.register_font_directory(str(font_file("plex").parent))
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def _name(spec: Spec) -> str:
    from importlib.metadata import version

    text = json.dumps(spec, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{_RULES} {version('vl-convert-python')} {text}".encode()).hexdigest()[:32]


def _cleaned(svg: str) -> str:
    """Without what only a browser's script uses, and with ids that don't depend on the charts drawn before."""
    numbers: dict[str, int] = {}

    def renumber(match: re.Match[str]) -> str:
        number = numbers.setdefault(f"{match[2]}{match[3]}", len(numbers))
        return f"{match[1]}{match[2]}{number}"

    svg = _NUMBERED.sub(renumber, _ARIA.sub("", svg))
    return _INVISIBLE.sub("", _BACKGROUND.sub("", svg))


def data_url(svg: str) -> str:
    """The SVG as the address of an image: an image has one text alternative, and ids of its own."""
    return f"data:image/svg+xml,{quote(svg, safe=_READABLE)}"


if __name__ == "__main__":
    json.dump(_draw_here(json.load(sys.stdin)), sys.stdout)
