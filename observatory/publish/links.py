"""Addresses in a text, shown by the name of their site.

Belongs here: what stands for an address on paper. Does not belong here: checking that it answers.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_ADDRESS = re.compile(r"(?<!\]\()(?<!<)https?://[^\s<>\"]*[^\s<>\".,;:)]")


def linked(text: str) -> Markup:
    """The text as HTML: each address a link that reads as its site's name."""
    parts = [Markup("")]
    start = 0
    for match in _ADDRESS.finditer(text):
        link = Markup('<a href="{}">{}</a>').format(match[0], _site(match[0]))
        parts += [escape(text[start : match.start()]), link]
        start = match.end()
    return Markup("").join([*parts, escape(text[start:])])


def linked_markdown(text: str) -> str:
    """The same, as Markdown; an address that is already a link stays as it is."""
    return _ADDRESS.sub(lambda match: f"[{_site(match[0])}]({match[0]})", text)


def _site(address: str) -> str:
    return (urlsplit(address).hostname or address).removeprefix("www.")
