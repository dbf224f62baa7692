"""Specifications become SVG.

Belongs here: vl-convert, the folder of kept drawings, what an SVG needs to stand in the report (its text stays text),
the process that draws beside a run. Does not belong here: any specification. A kept drawing is named by the hash of its
specification, of this module's rules and of vl-convert's version; drawing again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from observatory.publish.apart import Helper, serve
from observatory.publish.fonts import font_file

if TYPE_CHECKING:  # a process that only draws has no use for the rest of publish, which takes it 0.6 s to import
    from observatory.publish.charts.theme import Spec

_RULES = "2"
"""Raise it when `_cleaned` changes: older kept drawings are then drawn again."""

_ARIA = re.compile(r' (?:aria-[a-z]+|role|pointer-events|xmlns:xlink|class)="[^"]*"')
_NUMBERED = re.compile(r'(id="|url\(#)([a-z_]+)(\d+)')
_BACKGROUND = re.compile(r'<rect width="[\d.]+" height="[\d.]+" fill="white"/>')
_READABLE = " /:;,=()'<>.-"
_INVISIBLE = re.compile(r'<path d="[^"]*" display="none"/>|<path d="M0,0h0v0h0Z"/>|<path d="" display="none"/>')


def draw(specs: Sequence[Spec], cache: Path | None = None, helper: Helper | None = None) -> list[str]:
    """One SVG a specification, in order. Without a cache every chart is drawn anew; without a helper, in this process.

    A helper keeps the JavaScript engine's 110 MB out of this one. Two of them were no faster.
    """
    if cache is None:
        return _draw(specs, helper)
    cache.mkdir(parents=True, exist_ok=True)
    files = [cache / f"{_name(spec)}.svg" for spec in specs]
    missing = [(spec, file) for spec, file in zip(specs, files, strict=True) if not file.is_file()]
    drawn = _draw([spec for spec, _ in missing], helper)
    for (_, file), svg in zip(missing, drawn, strict=True):
        # A run that is killed half-way must not leave half a drawing under a name that promises a whole one.
        part = file.with_suffix(".part")
        part.write_text(svg, encoding="utf-8")
        part.replace(file)
    return [file.read_text(encoding="utf-8") for file in files]


def _draw(specs: Sequence[Spec], helper: Helper | None) -> list[str]:
    if helper is None:
        return _draw_here(specs)
    if not specs:
        return []
    helper.ask(specs)
    drawn: list[str] = helper.answer()
    return drawn


def _draw_here(specs: Sequence[Spec]) -> list[str]:
    import vl_convert

    _know_fonts()
    return [_cleaned(vl_convert.vegalite_to_svg(spec)) for spec in specs]


def ask_png(svg: str, helper: Helper) -> None:
    """Ask for a drawing as an image, for where SVG can't be shown; the helper's next answer is its bytes."""
    helper.ask(svg)


def _png_here(svg: str) -> bytes:
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=1.5))


def _know_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(font_file("plex").parent))


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


def drawing_helper() -> Helper:
    """A process that draws."""
    return Helper(__spec__.name)


def _ready() -> None:
    # The first chart starts the JavaScript engine, which takes as long as ten charts.
    _draw_here([{"data": {"values": [{"a": "a"}]}, "mark": "text", "encoding": {"text": {"field": "a"}}}])


def _work(request: Sequence[Spec] | str) -> list[str] | bytes:
    return _png_here(request) if isinstance(request, str) else _draw_here(request)


if __name__ == "__main__":
    serve(_ready, _work)
