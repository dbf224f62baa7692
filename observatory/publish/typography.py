"""French typography of running text.

Belongs here: spaces before high punctuation, inside guillemets, apostrophes, words that stay on one line.
Does not belong here: numbers.
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


_TAG = r"""<(?:[^<>"]|"[^"]*")*>"""
_TAG_OR_UNBROKEN = re.compile(
    rf"(?P<tag><a(?=[ >]).*?</a>|{_TAG})|(?P<word>\b[Ss]tart-ups?\b|\b\w+-t-(?:ils?|elles?|on)\b)", re.S
)


def unbroken(html: str) -> str:
    """The HTML with words marked that no line may break at their hyphen. Readers still find them.

    The words of a link are left: a link in several pieces would be several links, all but one without its tag.
    """
    return _TAG_OR_UNBROKEN.sub(lambda match: match["tag"] or f'<span class="unbroken">{match["word"]}</span>', html)


def typeset(text: str, language: str) -> str:
    """The text with the spaces and marks its language asks for: none before high punctuation but in French."""
    if language != "fr":
        return re.sub(r"(?<=\S) +(?=[;:!?](?:\s|$))", "", re.sub(r"(?<=\w)'(?=\w)", "’", text))
    for pattern, replacement in _FRENCH:
        text = pattern.sub(replacement, text)
    return text
