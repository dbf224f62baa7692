"""The outline of a questionnaire as a form shows it: sections, and in each its questions and grids, in order.

Belongs here: which questions stand together as a grid, texts with the reference year filled
in. Does not belong here: how a tool writes any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from observatory.editions.model import Edition, Grid, Question, Questionnaire, Section, Text


@dataclass(frozen=True)
class Block:
    """Questions shown together: one alone, or neighbours of one grid. `run` counts the blocks of a grid, from 1."""

    questions: tuple[Question, ...]
    grid: Grid | None = None
    run: int = 1


def outline(questionnaire: Questionnaire) -> Iterator[tuple[Section, list[Block]]]:
    """The sections that have questions, each with its blocks."""
    grids = {grid.id: grid for grid in questionnaire.grids}
    runs: dict[str, int] = {}
    for section in questionnaire.sections:
        blocks = []
        for name, group in groupby(questionnaire.in_section(section.id), key=lambda question: question.grid):
            if name is None:
                blocks += [Block((question,)) for question in group]
                continue
            runs[name] = runs.get(name, 0) + 1
            blocks.append(Block(tuple(group), grids[name], runs[name]))
        if blocks:
            yield section, blocks


def wording(edition: Edition, text: Text | None, question: Question, language: str) -> str:
    """A text of a question in that language, its reference year filled in; '' for none."""
    return "" if text is None else edition.fill(edition.text(text, language), question)


def number(value: float) -> str:
    """A number as form tools read it: a decimal point, no exponent."""
    return f"{value:f}".rstrip("0").rstrip(".")
