"""The distributions simulated answers follow.

Belongs here: the shape of `shares.yaml`, and the generic distributions used for a
question or an option it does not know. Does not belong here: the numbers (shares.yaml),
drawing answers (answers.py).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field

from observatory.editions.model import Audience, Choice, Question
from observatory.simulate.streams import Floats, stream

_GENERIC_SEED = 0
_RARE = 0.04
_UNSURE = 0.06


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Distribution(_Strict):
    """How one choice question is answered by those who see it.

    `weights` are relative for one answer, chances of being ticked for several; `trend` is added for each edition
    after the origin; `loads` tie the answer to a firm's latent traits, from -1 to 1.
    """

    source: str
    weights: dict[str, float]
    trend: dict[str, float] = {}
    group_weights: dict[str, dict[str, float]] = Field(
        {}, description="Weights of a group of firms, instead of `weights`"
    )
    loads: dict[str, float] = {}
    constant: bool = Field(False, description="True for a profile question: a firm answers the same in every edition")

    def of_group(self, group: str) -> Distribution:
        """The distribution as firms of that group answer."""
        return self.model_copy(update={"weights": self.group_weights.get(group, self.weights)})


class Growth(_Strict):
    """Yearly growth of an amount, by calendar year, and of the other years."""

    by_year: dict[int, float] = {}
    otherwise: float

    def factor(self, base: int, year: int) -> float:
        """What an amount of `base` is multiplied by to be that of `year`."""
        steps = [1 + self.by_year.get(step, self.otherwise) for step in range(min(base, year) + 1, max(base, year) + 1)]
        product = float(np.prod(steps)) if steps else 1.0
        return product if year >= base else 1 / product


class LogNormal(_Strict):
    """An amount's distribution: its median, the spread of its logarithm, and the part of it explained by size."""

    source: str
    median: float
    spread: float
    size_load: float = 0.0
    ceiling: float = Field(2.2, description="Latent scores are cut there, so that no firm dwarfs all others")
    noise: float = Field(0.15, description="Spread of the logarithm from one year to the next")
    growth: Growth = Growth(otherwise=0.0)


class Proportion(_Strict):
    """A share from 0 to 1, uniform within parts: [low, high, weight].

    `inactive_zero`: the chance of zero for a firm without relation in the year.
    """

    source: str
    parts: tuple[tuple[float, float, float], ...]
    inactive_zero: float


class Reporting(_Strict):
    """How often firms can tell their amounts: those active (they bought or sold in the year), and the others."""

    active: float
    otherwise: float


class SharedSiren(_Strict):
    """Who may answer under one SIREN for two perimeters: firms of that group, that gave that option."""

    group: str
    question: str
    option: str


class AudienceShares(_Strict):
    """What is known of one audience."""

    respondents: int
    universe: int = Field(description="Firms among which those of an edition are drawn")
    loyalty: float = Field(description="Memory of the wish to answer from one edition to the next, 0 to 1")
    groups: dict[str, float] = Field({}, description="Share of each group of choices, for example public and private")
    questions: dict[str, Distribution] = {}
    shared_siren: SharedSiren | None = None
    reporting: Reporting
    amounts: dict[str, LogNormal] = {}
    proportions: dict[str, Proportion] = {}
    category_factor: dict[str, float] = Field({}, description="Total purchases by category, relative to the median")


class Shares(_Strict):
    """`shares.yaml`. Trends count editions from `origin_edition`, amounts from `origin_year`."""

    origin_edition: int
    origin_year: int
    item_nonresponse: dict[str, float] = Field(description="Share of blanks by question type")
    texts: dict[str, tuple[str, ...]] = Field(description="Free texts by question id; `other` beside « autre »")
    audiences: dict[Audience, AudienceShares]


@cache
def read_shares() -> Shares:
    """The distributions that come with the package."""
    text = files(__package__).joinpath("shares.yaml").read_text(encoding="utf-8")
    return Shares.model_validate(yaml.safe_load(text))


def one_answer_weights(
    question: Question, choices: tuple[Choice, ...], known: Distribution | None, elapsed: int
) -> Floats:
    """The chance of each option of a question with one answer, in the choices' order; they add up to 1."""
    weights = np.array(
        [_weight(question, choice, position, choices, known, elapsed) for position, choice in enumerate(choices)]
    )
    return np.asarray(weights / weights.sum())


def ticked_chances(question: Question, choices: tuple[Choice, ...], known: Distribution | None, elapsed: int) -> Floats:
    """The chance of each option of a multiple question to be ticked, in the choices' order.

    Exclusive options count as any other; the chances of the rest leave room for `max_choices`.
    """
    chances = np.array([_chance(question, choice, known, elapsed) for choice in choices])
    free = np.array([not choice.exclusive for choice in choices])
    room = 0.92 * min(question.max_choices or free.sum(), free.sum())
    alone = chances[~free].sum()
    wanted = chances[free].sum() / max(1 - alone, 0.05)
    if wanted > room:
        chances[free] *= room / wanted
    return np.asarray(np.minimum(chances, 0.97))


def _weight(
    question: Question,
    choice: Choice,
    position: int,
    choices: tuple[Choice, ...],
    known: Distribution | None,
    elapsed: int,
) -> float:
    if known is not None:
        base = known.weights.get(choice.code, _RARE)
        return max(base + elapsed * known.trend.get(choice.code, 0.0), 0.002)
    if choice.code == "other":
        return _RARE
    if not choice.substantive:
        return _UNSURE
    ranked = [candidate for candidate in choices if candidate.substantive]
    if question.type in {"likert", "bracket"}:
        middle = 0.3 + 0.4 * stream(_GENERIC_SEED, question.id).random()
        place = ranked.index(choice) / max(len(ranked) - 1, 1)
        return float(np.exp(-(((place - middle) / 0.35) ** 2)))
    return float(np.exp(0.6 * stream(_GENERIC_SEED, question.id, choice.code).standard_normal())) / len(ranked)


def _chance(question: Question, choice: Choice, known: Distribution | None, elapsed: int) -> float:
    if known is not None:
        base = known.weights.get(choice.code, _RARE)
        return float(np.clip(base + elapsed * known.trend.get(choice.code, 0.0), 0.005, 0.95))
    if choice.exclusive or choice.code == "other":
        return _RARE
    return 0.12 + 0.4 * float(stream(_GENERIC_SEED, question.id, choice.code).random())
