"""What was really done to make the figures, for the method annex.

Belongs here: reading it from the inputs: answers at each step, weights, rules that fired, intervals and tests. Does not
belong here: sentences (the chapter method.md says only what these facts hold), nor the figures themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from observatory.editions.model import Audience
from observatory.publish.context import Context
from observatory.publish.lookup import PANEL, Figure


@dataclass(frozen=True)
class WeightFacts:
    """The weights of one audience. `margins` are texts, « question (source, date) »; `method` is '' without them.

    `file` is where they were read, and `categories` how many they count in all; '' and 0 where the edition has none.
    `smallest` and `largest` are the ratios of final to initial weights; None, as `population` and `design_effect`,
    where it is not known.
    """

    audience: str
    method: str
    strata: str
    margins: tuple[str, ...]
    file: str
    categories: int
    respondents: int
    population: float | None
    smallest: float | None
    largest: float | None
    design_effect: float | None


@dataclass(frozen=True)
class NonResponse:
    """The part of those shown a question that left it without an answer: over an audience's questions, the least, the
    most, and the question left most."""

    audience: str
    questions: int
    least: float
    most: float
    label: str


@dataclass(frozen=True)
class RuleFacts:
    """How many figures of the edition each rule touched."""

    computed: int
    published: int
    flagged: int
    withheld_quality: int
    withheld_confidentiality: int
    broken: int
    estimated: int
    provisional: int


@dataclass(frozen=True)
class MethodFacts:
    """What the annex may say. What is absent, zero or empty was not done.

    steps        answers at each step, by audience, from received to used
    weights      the weighted audiences
    unweighted   the audiences of whose population nothing is known: their weights are 1
    unused       those of which the edition has margins that these figures did not use
    intervals    the statistics of which at least one figure has an interval
    reweighted   audiences weighted in one of the two editions only: nothing of theirs is compared
    growths      growths of amounts with an interval
    tested       changes with an interval, and `significant` those that the tests call so
    panels       respondents of both editions by audience, the most that a change rests on; none without a panel
    ranked       questions whose options have rank intervals
    targets      targets that an estimate stands beside
    """

    steps: Mapping[str, Mapping[str, int]]
    weights: tuple[WeightFacts, ...]
    unweighted: tuple[str, ...]
    unused: tuple[str, ...]
    rules: RuleFacts
    intervals: frozenset[str]
    reweighted: tuple[str, ...]
    growths: int
    tested: int
    significant: int
    panels: Mapping[str, int]
    ranked: int
    targets: int
    nonresponse: tuple[NonResponse, ...]


def method_facts(context: Context) -> MethodFacts:
    """The facts of one report."""
    own = [row for key, rows in context.figures.rows.items() if key[0] == context.edition.name for row in rows]
    distributions = {item.id for item in context.edition.indicators if item.kind == "distribution"}
    amounts = {item.id for item in context.edition.indicators if item.kind == "amount"}
    changes = [row for row in own if row.statistic == "change" and row.indicator in distributions]
    tested = [row for row in changes if row.breakdown != PANEL[0] and row.bounds is not None]
    weights = _weights(context)
    named = {item.audience for item in weights}
    unweighted = tuple(audience for audience in context.edition.audiences if audience not in named)
    return MethodFacts(
        steps=_steps(context.inputs.steps),
        weights=weights,
        unweighted=tuple(audience for audience in unweighted if audience not in context.edition.margins),
        unused=tuple(audience for audience in unweighted if audience in context.edition.margins),
        rules=_rules(own),
        intervals=frozenset(row.statistic for row in own if row.bounds is not None),
        reweighted=_reweighted(context),
        growths=sum(row.bounds is not None for row in own if row.statistic == "change" and row.indicator in amounts),
        tested=len(tested),
        significant=sum("n" not in row.flag for row in tested),
        panels=_panels(changes),
        ranked=len({row.indicator for row in own if row.statistic == "rank" and row.bounds is not None}),
        targets=len({row.indicator for row in own if row.indicator.startswith("target.") and row.bounds is not None}),
        nonresponse=tuple(item for audience in context.edition.audiences for item in _nonresponse(context, audience)),
    )


def _reweighted(context: Context) -> tuple[str, ...]:
    before = context.inputs.weighted_before
    if before is None or context.figures.compared is None:
        return ()
    return tuple(sorted(before ^ context.weighted))


def _steps(steps: pd.DataFrame) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for audience, step, count in zip(steps["audience"], steps["step"], steps["count"], strict=True):
        found.setdefault(str(audience), {})[str(step)] = int(count)
    return found


def _weights(context: Context) -> tuple[WeightFacts, ...]:
    frame = context.inputs.weighting
    known = {str(audience): margins for audience, margins in context.edition.margins.items()}
    return tuple(
        WeightFacts(
            audience=str(row["audience"]),
            method=_text(row["method"]),
            strata=_text(row["strata"]),
            margins=tuple(context.typeset(part) for part in _text(row["margins"]).split(" ; ") if part),
            file=f"margins/{row['audience']}.yaml" if row["audience"] in known else "",
            categories=sum(len(item.counts) for item in known[row["audience"]].counts)
            if row["audience"] in known
            else 0,
            respondents=int(row["respondents"]),
            population=_number(row["population"]),
            smallest=_number(row["smallest_ratio"]),
            largest=_number(row["largest_ratio"]),
            design_effect=_number(row["design_effect"]),
        )
        for row in frame.to_dict("records")
        if bool(row["known"])
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    return None if pd.isna(value) or not math.isfinite(float(value)) else float(value)  # type: ignore[call-overload,arg-type]


def _rules(own: list[Figure]) -> RuleFacts:
    published = [row for row in own if row.value is not None]
    reasons = [row.reason for row in own if row.value is None]
    return RuleFacts(
        computed=len(own),
        published=len(published),
        flagged=sum(row.low_reliability for row in published),
        withheld_quality=reasons.count("quality"),
        withheld_confidentiality=reasons.count("confidentiality"),
        broken=reasons.count("break"),
        estimated=sum("e" in row.flag for row in published),
        provisional=sum("p" in row.flag for row in published),
    )


def _panels(changes: list[Figure]) -> dict[str, int]:
    most: dict[str, int] = {}
    for row in changes:
        if row.breakdown == PANEL[0] and row.n is not None:
            audience = row.indicator.split(".", 1)[0]
            most[audience] = max(most.get(audience, 0), row.n)
    return most


def _nonresponse(context: Context, audience: Audience) -> list[NonResponse]:
    """Of the questions with a figure, shown to enough respondents to say so: a blank there was left by choice."""
    rates = {label: 1 - answered / shown for _, label, shown, answered in blanks(context, audience) if shown}
    if not rates:
        return []
    most = max(rates, key=lambda label: rates[label])
    return [NonResponse(audience, len(rates), min(rates.values()), rates[most], most)]


def blanks(context: Context, audience: Audience) -> list[tuple[str, str, int, int]]:
    """A row: one question that a figure rests on: its id, its wording, how many it was shown to, how many answered.

    Questions that fewer than the minimum base answered are left out: the rate would tell a base that is hidden.
    """
    used = {name for item in context.edition.indicators if item.audience == audience for name in item.sources}
    frame = context.inputs.responses
    own = frame[(frame["audience"] == audience) & (frame["answered"] >= context.edition.config.thresholds.minimum_base)]
    return [
        (row["question"], context.question_label(audience, row["question"]), int(row["shown"]), int(row["answered"]))
        for row in own.to_dict("records")
        if row["question"] in used
    ]
