"""HTML becomes PDF.

Belongs here: WeasyPrint, its settings, what makes its output the same bytes each time, the process that lays out the
pages beside a run. Does not belong here: the HTML.
"""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from observatory.publish.apart import Helper, serve
from observatory.publish.fonts import font_file


@contextmanager
def _no_clock() -> Iterator[None]:
    """fontTools writes the time into each font it cuts to its weight, unless this variable gives another."""
    name = "SOURCE_DATE_EPOCH"
    before = os.environ.get(name)
    os.environ[name] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def _collector_off() -> Iterator[None]:
    """Layout makes millions of objects that all stay until the end: looking for garbage costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def render_pdf(html_path: Path, pdf_path: Path) -> int:
    """Render a report's HTML file in this process; returns its number of pages.

    The HTML holds everything but the fonts (`font:<name>`), and its metadata hold the dates. The identifier is that of
    the HTML's bytes, so equal HTML gives an equal PDF.
    """
    pdf, pages = render(html_path.read_bytes())
    pdf_path.write_bytes(pdf)
    return pages


def render(source: bytes) -> tuple[bytes, int]:
    """The PDF of a report's HTML, and its number of pages."""
    # 0.4 s: not imported by what only writes HTML.
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    with _collector_off(), _no_clock():
        fonts = FontConfiguration()
        document = HTML(string=source.decode(), url_fetcher=_fetcher()).render(font_config=fonts, **_SETTINGS)
        pdf = document.write_pdf(pdf_identifier=hashlib.sha256(source).hexdigest()[:32].encode(), **_SETTINGS)
    return pdf, len(document.pages)


_SETTINGS: dict[str, Any] = {"pdf_variant": "pdf/ua-1", "pdf_tags": True}


def _fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fonts(URLFetcher):  # type: ignore[misc]
        """Serves our fonts; anything else would come from outside the report, and stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _, name = url.partition(":")
            if scheme == "data":
                return super().fetch(url, headers)
            try:
                if scheme != "font":
                    raise KeyError(url)
                return URLFetcherResponse(url, font_file(name).read_bytes(), {"Content-Type": "font/ttf"})
            except KeyError:
                raise FatalURLFetchingError(f"« {url} » : un rapport ne lit que ses propres polices") from None

    return Fonts()


def layout_helper() -> Helper:
    """A process that lays out pages: asked with the HTML's bytes, it answers as `render` does."""
    return Helper(__spec__.name)


def _ready() -> None:
    render(b"<!DOCTYPE html><html lang=en><title>-</title><p>-")


if __name__ == "__main__":
    serve(_ready, render)
