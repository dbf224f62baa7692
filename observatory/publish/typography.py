"""French typography of running text.

Belongs here: spaces before high punctuation, inside guillemets, apostrophes. Does not belong here: numbers.
"""

from __future__ import annotations

import re

from observatory.publish.numbers import NARROW_SPACE, NO_BREAK_SPACE

_FRENCH: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=\w)'(?=\w|«)"), "’"),
    (re.compile(r"\.\.\."), "…"),
    (re.compile(r"[ \u00a0\u202f]+(?=[;!?])"), NARROW_SPACE),
    (re.compile(r"(?<=[\w»)\]])[ \u00a0\u202f]+:(?=\s|$)"), f"{NO_BREAK_SPACE}:"),
    (re.compile(r"«[ \u00a0\u202f]*"), f"«{NO_BREAK_SPACE}"),
    (re.compile(r"[ \u00a0\u202f]*»"), f"{NO_BREAK_SPACE}»"),
    (re.compile(r"(?<=\d) (?=%)"), NARROW_SPACE),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), NARROW_SPACE),
    (re.compile(r"\bn = (?=\d)"), f"n{NO_BREAK_SPACE}={NO_BREAK_SPACE}"),
    (re.compile(r"(?<=\d) (?=(?:M€|Md€|k€|€|points?\b|ans?\b|jours?\b|mois\b))"), NO_BREAK_SPACE),
)


def typeset(text: str, language: str) -> str:
    """The text with the spaces and marks its language asks for: none before high punctuation but in French."""
    if language != "fr":
        return re.sub(r"(?<=\S) +(?=[;:!?](?:\s|$))", "", re.sub(r"(?<=\w)'(?=\w)", "’", text))
    for pattern, replacement in _FRENCH:
        text = pattern.sub(replacement, text)
    return text
