"""When two wordings are the same, and how alike two others are.

Belongs here: what may differ between a heading and a label without changing what it says
(case, spaces, apostrophes, punctuation at the end, tags, instructions), and a score for
the rest. Does not belong here: which column answers which question (matching.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SAME = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
        "…": "...",
    }
)
_SPACES = re.compile(r"\s+")
_BEFORE_SIGN = re.compile(r'\s+(?=[:;!?,.)"])|(?<=["(])\s+')
_END = " \t.:;,!?*-"
_INSTRUCTION = re.compile(
    r"\((?:choose|choisi|check|cochez|select|sélection|pick|mark|tick|plusieurs|multiple|one answer|une seule|un seul"
    r"|\w+ (?:réponses?|choix|choices?|answers?|options?)|(?:up to|jusqu'à|au plus|at most|maximum|max)\b)[^()]*\)$"
)
_RUNNING = re.compile(r"(?<=[^\W\d_])\d{1,3}$|(?<=[)\]?!.:;*…'\"»])\d{1,3}$|(?<=\S)\.\d{1,3}$")
_ITEM = re.compile(
    r"^(?:q(?:uestion)?\s*\d+|\d{1,2})[a-z]?(?:[\s._]\d{1,2})*\s*(?:[—–:.)]|-(?=\s))\s*(?=[^\W\d]|[\"'«“¿(])",
    re.IGNORECASE,
)
_ITEM_SPACE = re.compile(r"^q\d+[a-z]?(?:[\s._]\d+)*\s+(?=\D)", re.IGNORECASE)
_TREATMENT = re.compile(r"^[^\W\d_]+(?:_[^\W\d_]+)+\s*-\s*(?=\w)|\s+-\s+[^\W\d_]+(?:_[^\W\d_]+)+$")
"""What someone who cleaned the file wrote before or after a heading: words tied by `_`, set off by a dash.

`Checked_by_hand-Region` and `Region - checked_by_hand` stand for `Region`.
"""
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")


@lru_cache(maxsize=65536)
def normalise(text: str, running_number: bool = False) -> str:
    """A wording in the form in which equal ones are equal: case, spaces, quotes, tags and end signs leave no trace.

    With `running_number`, the number that Excel or pandas appends to a label met twice ("Response85", "Yes.1") goes.
    """
    text = text.strip()
    if running_number:
        text = _RUNNING.sub("", text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    text = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME).casefold()
    text = _SPACES.sub(" ", text)
    text = _BEFORE_SIGN.sub("", text).strip(_END)
    return _INSTRUCTION.sub("", text).strip(_END) or text


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """A wording's words alone, without accents or signs: for what an export has rubbed off."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", normalise(text))
        if not unicodedata.combining(character)
    )
    return " ".join(re.findall(r"[^\W_]+", plain))


def squeeze(code: str) -> str:
    """A code without what tools can't write in theirs: signs and case."""
    return re.sub(r"[\W_]+", "", code).casefold()


@lru_cache(maxsize=65536)
def variants(text: str) -> tuple[str, ...]:
    """The wordings a heading may stand for, likeliest first: as it is, then without what tools or hands added."""
    shorter = _RUNNING.sub("", text.strip())
    candidates = [text, shorter, without_item(text), without_item(shorter)]
    candidates += [_TREATMENT.sub("", candidate) for candidate in candidates]
    return tuple(dict.fromkeys(candidate for candidate in candidates if candidate))


def without_item(text: str) -> str:
    """A question's text without the number before it: `Q4 02—Which…` is `Which…`."""
    text = text.strip()
    shorter = _ITEM.sub("", text, count=1)
    return shorter if shorter != text else _ITEM_SPACE.sub("", text, count=1)


def similarity(one: str, other: str) -> float:
    """How alike two wordings are, 0 to 100. Wordings with different numbers (years, bounds) stay under 90."""
    left, right = normalise(one), normalise(other)
    if not left or not right:
        return 0.0
    score = max(fuzz.ratio(left, right), 0.95 * fuzz.token_sort_ratio(left, right))
    if _NUMBERS.findall(left) != _NUMBERS.findall(right):
        score = min(score, 89.0) * 0.9
    short, long = sorted((left, right), key=len)
    if 10 <= len(short) < len(long) and long.endswith(short) and not long[-len(short) - 1].isalnum():
        score = max(score, 80.0)
    return score
