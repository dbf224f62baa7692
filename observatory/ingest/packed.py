"""Several answers in one cell: how they are set apart, and what the options are.

Belongs here: telling `a;b;`, `a, b` and `a; b` from a text that has commas, without the questionnaire. Does not belong
here: cells matched against the options of a questionnaire (matching.py).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from observatory.ingest.frequency import by_frequency

MOST_TEXTS = 20_000
"""Different cells looked at, the most frequent first."""

_RECURRING = 0.6
"""Of what stands in cells of several parts, how much must come back elsewhere: free answers with commas don't."""

_LEAST = 3
"""How often a part must have been written to be an option."""

_SEPARATORS: Mapping[str, re.Pattern[str]] = {
    ";": re.compile(r"\s*;\s*"),
    "\n": re.compile(r"\s*\n\s*"),
    "|": re.compile(r"\s*\|\s*"),
    ", ": re.compile(r"\s*,\s+"),
    ",": re.compile(r"(?<!\d),(?=\S)|,(?=[^\s\d])"),
}
_OPEN, _CLOSE = "([{«“", ")]}»”"

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Packed:
    """A column of several answers a cell: what stands between them, and each option with how often it was chosen.

    What was written less than three times is a free answer and no option.
    """

    separator: str
    options: Mapping[str, int]


def packed(counts: Mapping[str, int], *, surely: bool = False) -> Packed | None:
    """The options of a column whose cells hold several, None where they rather hold one text.

    `counts` are the different cells and how often each stands there. `surely` is for a column of which the tool itself
    says so: the separator with the most recurring parts is taken. A separator within brackets is part of an option, and
    so is one between parts of which neither ever comes without the other.
    """
    texts = Counter(dict(by_frequency(counts, MOST_TEXTS)))
    best: tuple[float, Packed] | None = None
    for separator, pattern in _SEPARATORS.items():
        if not any(pattern.search(text) for text in texts):
            continue
        cells = _joined(Counter({_split(text, pattern): count for text, count in texts.items()}), separator)
        found = _options(cells)
        share = _recurring(cells, found)
        if not surely and (share < _RECURRING or _mixed(cells, found) < 2 or typed(_all_parts(cells))):
            continue
        if not surely:
            return Packed(separator, found)
        if best is None or share > best[0]:
            best = share, Packed(separator, found)
    if best is not None:
        return best[1]
    return Packed("", _options(Counter({(text.strip(),): n for text, n in texts.items()}))) if surely else None


def typed(texts: Mapping[str, int]) -> bool:
    """Whether texts were typed by respondents: the same ones differ in case, as options never do."""
    spellings = Counter(text.casefold() for text in texts)
    several = [folded for folded, count in spellings.items() if count > 1]
    often = sum(1 for text, count in texts.items() if count > 1)
    return len(several) > max(1, often / 10)


def _split(text: str, pattern: re.Pattern[str]) -> Parts:
    """The parts of a cell; a separator within brackets that close again separates nothing."""
    depths, depth = [0], 0
    for character in text:
        depth = max(0, depth + (character in _OPEN) - (character in _CLOSE))
        depths.append(depth)
    parts, start = [], 0
    for match in pattern.finditer(text):
        if depth or depths[match.start()] == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return tuple(part for part in (part.strip() for part in parts) if part)


def _joined(cells: Counter[Parts], separator: str) -> Counter[Parts]:
    """The same cells, parts that belong together made one again.

    Two parts are one option when the first is never last and what follows it never comes without it, or the second is
    never first and what precedes it never comes without it.
    """
    glue = separator if separator in {", ", "\n"} else f"{separator} " if separator in {";"} else separator
    while True:
        before: dict[str, set[str | None]] = defaultdict(set)
        after: dict[str, set[str | None]] = defaultdict(set)
        for parts in cells:
            for one, two in zip((None, *parts), (*parts, None), strict=True):
                if one is not None:
                    after[one].add(two)
                if two is not None:
                    before[two].add(one)
        heads = {one for one, ends in after.items() if all(two is not None and before[two] == {one} for two in ends)}
        tails = {two for two, ends in before.items() if all(one is not None and after[one] == {two} for one in ends)}
        if not heads and not tails:
            return cells
        once = Counter[Parts]()
        for parts, count in cells.items():
            once[_glued(parts, heads, tails, glue)] += count
        if once.keys() == cells.keys():
            return cells
        cells = once


def _glued(parts: Parts, heads: set[str], tails: set[str], glue: str) -> Parts:
    made: list[str] = []
    last = None
    for part in parts:
        if last is not None and (last in heads or part in tails):
            made[-1] += f"{glue}{part}"
        else:
            made.append(part)
        last = part
    return tuple(made)


def _all_parts(cells: Mapping[Parts, int]) -> Counter[str]:
    parts = Counter[str]()
    for cell, count in cells.items():
        for part in dict.fromkeys(cell):
            parts[part] += count
    return parts


def _options(cells: Mapping[Parts, int]) -> dict[str, int]:
    return {part: count for part, count in by_frequency(_all_parts(cells)) if count >= _LEAST}


def _recurring(cells: Mapping[Parts, int], options: Mapping[str, int]) -> float:
    """Of the parts in cells that hold several, the share that are options."""
    several: Sequence[tuple[Parts, int]] = [(cell, count) for cell, count in cells.items() if len(cell) > 1]
    total = sum(len(cell) * count for cell, count in several)
    return sum(count for cell, count in several for part in cell if part in options) / total if total else 0.0


def _mixed(cells: Mapping[Parts, int], options: Mapping[str, int]) -> int:
    """How many options come in more than one company."""
    companies = Counter(part for cell in cells for part in dict.fromkeys(cell) if part in options)
    return sum(1 for count in companies.values() if count > 1)
