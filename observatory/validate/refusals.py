"""What a refused cell says.

Belongs here: the shape of one refusal. Does not belong here: when a cell is refused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """Why a cell is not taken: the rule's kind (`choice`, `number`…), what was expected and what to do, in French."""

    kind: str
    expected: str
    action: str
