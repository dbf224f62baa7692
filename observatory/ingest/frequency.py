"""The order in which what was counted is listed.

Belongs here: that order. Does not belong here: counting (cells.py), what the most frequent texts are (packed.py,
questions.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping


def by_frequency(counts: Mapping[str, int], most: int | None = None) -> list[tuple[str, int]]:
    """The most frequent first, then by the alphabet: however a file was read, it is said in one order.

    With `most`, no more than that many of them.
    """
    return heapq.nsmallest(len(counts) if most is None else most, counts.items(), key=lambda item: (-item[1], item[0]))
