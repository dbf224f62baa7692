"""Plausible answers to any valid questionnaire.

Belongs here: drawing one wave of answers question by question, in the shape of the
validated table. Does not belong here: who answers (population.py), the distributions
(shares.py), mistakes (flaws.py), what a form tool makes of the answers (exports.py).

The answers drawn here are without fault: routing, bounds, `max_choices`, exclusive
options and the questionnaire's own checks are respected. Blanks are left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import duckdb
import numpy as np
import pandas as pd

from observatory.database import quoted, statement
from observatory.editions.columns import option_column, other_column, question_columns, state_column, validated_columns
from observatory.editions.expressions import condition
from observatory.editions.model import NUMERIC_TYPES, Audience, Choice, Edition, Question, Questionnaire
from observatory.simulate.population import KNOWN_AMOUNTS, Firms, amounts
from observatory.simulate.shares import Distribution, Shares, one_answer_weights, ticked_chances
from observatory.simulate.streams import Flags, Floats, Ints, Objects, cumulative, stream

NOT_SHOWN, NO_ANSWER, ANSWERED = "not_shown", "no_answer", "answered"

_SPREAD_OF_TICKS = 0.35
"""Some firms tick up to that part fewer or more options than others."""

_MOODY = Distribution(source="generic", weights={}, loads={"mood": 0.6})
"""Unknown opinions still go together in one respondent."""


def draw_answers(edition: Edition, population: Firms, shares: Shares, seed: int) -> pd.DataFrame:
    """One row a firm of `population`, in its order; columns of the validated table, plus one a personal question.

    Missing is None. Amounts in EUR, `q__state` for every question.
    """
    audience = population.audience
    questionnaire = edition.questionnaires[audience]
    table = pd.DataFrame(None, index=range(len(population)), columns=answer_columns(edition, audience), dtype=object)
    values: dict[str, Floats] = {}
    everyone = np.ones(len(population), dtype=bool)
    for question in _drawing_order(questionnaire):
        if question.id in KNOWN_AMOUNTS[audience] and not values:
            profile = {name: table[name].to_numpy() for name in table.columns if table[name].notna().any()}
            values = amounts(population, profile, edition.reference_years, shares, seed)
        drawn = _draw(edition, question, population, values, shares, seed)
        table[drawn.columns] = drawn
        mark(table, edition, question, everyone, _blanks(questionnaire, question, population, shares, seed))
    settle(table, edition, audience)
    return table


def answer_columns(edition: Edition, audience: Audience) -> list[str]:
    """The columns of a simulated wave: those of the validated table, and the personal questions' likewise."""
    questions = edition.questionnaires[audience].questions
    return [column for question in questions for column in question_columns(edition, question)]


def holding(
    texts: Iterable[str], table: pd.DataFrame, edition: Edition, audience: Audience, *, otherwise: bool = False
) -> dict[str, Flags]:
    """Whether each condition holds, row by row of `table`; `otherwise` where missing answers leave it undecided."""
    questionnaire = edition.questionnaires[audience]
    parsed = {text: condition(text, questionnaire, edition) for text in texts}
    if not parsed:
        return {}
    types = validated_columns(edition, audience)
    columns = sorted(set().union(*(one.columns for one in parsed.values())))
    answers = table[columns].assign(place=range(len(table)))
    conditions = (f"coalesce(({one.sql}), {str(otherwise).lower()})" for one in parsed.values())
    sql = statement(
        "observatory.simulate",
        "routing",
        conditions=", ".join(conditions),
        columns=", ".join(f"CAST({quoted(name)} AS {types[name]}) AS {quoted(name)}" for name in columns),
    )
    with duckdb.connect() as connection:
        connection.register("answers", answers)
        rows = connection.execute(sql).fetchall()
    return {text: np.array([row[place] for row in rows], dtype=bool) for place, text in enumerate(parsed)}


def mark(table: pd.DataFrame, edition: Edition, question: Question, shown: Flags, blank: Flags) -> None:
    """Set the state of each row for one question, and empty what is not shown or left blank."""
    columns = [name for name in question_columns(edition, question) if name != state_column(question.id)]
    empty = ~shown | blank | _unanswered(table, edition, question)
    table.loc[empty, columns] = None
    table[state_column(question.id)] = np.where(~shown, NOT_SHOWN, np.where(empty, NO_ANSWER, ANSWERED)).astype(object)


def settle(table: pd.DataFrame, edition: Edition, audience: Audience) -> None:
    """Blank the answers that break the questionnaire's own checks, then everything that routing hides."""
    questions = edition.questionnaires[audience].questions
    rules = {rule.rule for question in questions for rule in question.check}
    kept = holding(rules, table, edition, audience, otherwise=True)
    for question in questions:
        for rule in question.check:
            if not kept[rule.rule].all():
                mark(table, edition, question, shown_to(table, question), ~kept[rule.rule])
    routed = [question for question in questions if question.show_if is not None]
    nobody = np.zeros(len(table), dtype=bool)
    changed = True
    while changed:
        shown = holding({str(question.show_if) for question in routed}, table, edition, audience)
        changed = False
        for question in routed:
            if (shown[str(question.show_if)] != shown_to(table, question)).any():
                mark(table, edition, question, shown[str(question.show_if)], nobody)
                changed = True


def shown_to(table: pd.DataFrame, question: Question) -> Flags:
    """Who was shown the question, by its state."""
    return table[state_column(question.id)].ne(NOT_SHOWN).to_numpy(dtype=bool)


def _drawing_order(questionnaire: Questionnaire) -> list[Question]:
    """What a firm is before what it does: amounts and opinions depend on the profile."""
    profile = [question for question in questionnaire.questions if question.id in questionnaire.strata]
    return profile + [question for question in questionnaire.questions if question.id not in questionnaire.strata]


def _unanswered(table: pd.DataFrame, edition: Edition, question: Question) -> Flags:
    if question.type == "multiple":
        options = [option_column(question.id, choice.code) for choice in edition.choices(question)]
        return ~table[options].eq(True).any(axis=1).to_numpy(dtype=bool)
    if question.type == "ranking":
        options = [option_column(question.id, choice.code) for choice in edition.choices(question)]
        return table[options].isna().all(axis=1).to_numpy(dtype=bool)
    return table[question.id].isna().to_numpy(dtype=bool)


def _blanks(questionnaire: Questionnaire, question: Question, population: Firms, shares: Shares, seed: int) -> Flags:
    """Who leaves the question blank. Identity is always given."""
    identity = questionnaire.identity
    always = {identity.siren, identity.perimeter, identity.consent.question if identity.consent else None}
    if question.required or question.id in always:
        return np.zeros(len(population), dtype=bool)
    chance = shares.item_nonresponse.get(question.type, shares.item_nonresponse["otherwise"])
    if question.id in questionnaire.strata:
        chance = shares.item_nonresponse["profile"]
    return (
        stream(seed, population.audience, str(population.year), "blank", question.id).random(len(population)) < chance
    )


def _draw(
    edition: Edition,
    question: Question,
    population: Firms,
    values: dict[str, Floats],
    shares: Shares,
    seed: int,
) -> pd.DataFrame:
    """What every firm would answer if asked, one column per validated column but the state."""
    questionnaire = edition.questionnaires[population.audience]
    rng = stream(seed, population.audience, str(population.year), "answer", question.id)
    size = len(population)
    identity = questionnaire.identity
    if question.type == "siren":
        own = population.siren if question.id == identity.siren else np.roll(population.siren, 1)
        return pd.DataFrame({question.id: own}, dtype=object)
    if question.type == "email":
        return pd.DataFrame({question.id: [f"contact@{siren}.example" for siren in population.siren]}, dtype=object)
    if identity.consent is not None and question.id == identity.consent.question and identity.consent.accepted:
        return pd.DataFrame({question.id: [identity.consent.accepted[0]] * size}, dtype=object)
    if question.type in NUMERIC_TYPES:
        return pd.DataFrame({question.id: _numbers(question, values.get(question.id), size, rng)}, dtype=object)
    if question.type == "date":
        days = rng.integers(30, 700, size)
        dates = [edition.config.collection.opens - dt.timedelta(days=int(day)) for day in days]
        return pd.DataFrame({question.id: dates}, dtype=object)
    if question.type == "text":
        return pd.DataFrame({question.id: _texts(question.id, shares, size, rng)}, dtype=object)
    if question.type in {"multiple", "ranking"}:
        return _several(edition, question, population, shares, seed)
    return _one(edition, question, population, values.get(question.id), shares, seed)


def _numbers(question: Question, known: Floats | None, size: int, rng: np.random.Generator) -> Sequence[float | None]:
    if known is None:
        known = {
            "amount": np.round(100_000 * np.exp(1.2 * rng.standard_normal(size)), -3),
            "percent": np.round(100 * rng.beta(1.5, 3, size)),
            "number": np.round(8 * np.exp(0.8 * rng.standard_normal(size))),
        }[question.type]
    bounded = np.clip(
        known,
        -np.inf if question.min is None else question.min,
        np.inf if question.max is None else question.max,
    )
    return [None if np.isnan(value) else float(value) for value in bounded]


def _texts(name: str, shares: Shares, size: int, rng: np.random.Generator) -> Sequence[str]:
    offered = shares.texts.get(name, shares.texts["otherwise"])
    return [offered[index] for index in rng.integers(0, len(offered), size)]


def _scores(population: Firms, name: str, known: Distribution | None, seed: int) -> Floats:
    """A latent score for one question: the firm's traits, its lasting view and the view of the day."""
    loads = {trait: load for trait, load in (known.loads if known else {}).items() if trait in population.traits}
    lasting = stream(seed, population.audience, "view", name).standard_normal(int(population.number.max()) + 1)
    own = lasting[population.number]
    if known is None or not known.constant:
        today = stream(seed, population.audience, str(population.year), "view", name).standard_normal(len(population))
        own = (own + today) / np.sqrt(2)
    rest = max(1 - sum(load**2 for load in loads.values()), 0.0)
    score = np.sqrt(rest) * own
    for trait, load in loads.items():
        score = score + load * population.traits[trait]
    return np.asarray(score)


def _one(
    edition: Edition, question: Question, population: Firms, value: Floats | None, shares: Shares, seed: int
) -> pd.DataFrame:
    """One option a firm: the bracket its true value lies in, else by its latent score."""
    choices = edition.choices(question)
    codes = np.array([choice.code for choice in choices], dtype=object)
    if value is not None and any(choice.low is not None or choice.high is not None for choice in choices):
        place = _brackets(choices, value)
        codes = np.array([*codes, None], dtype=object)
    else:
        known = _distribution(question, choices, population, shares)
        elapsed = population.year - shares.origin_edition
        weights = {
            group: one_answer_weights(question, choices, known.of_group(group) if known else None, elapsed)
            for group in set(population.group)
        }
        chances = np.array([weights[group] for group in population.group])
        chances[~_open_to(choices, population)] = 0.0
        chances /= chances.sum(axis=1, keepdims=True)
        if known is None and question.type == "likert":
            known = _MOODY
        uniform = cumulative(_scores(population, question.id, known, seed))
        place = np.minimum((uniform[:, None] > np.cumsum(chances, axis=1)).sum(axis=1), len(choices) - 1)
    drawn = pd.DataFrame({question.id: codes[place]}, dtype=object)
    return _with_other(drawn, question, drawn[question.id].eq("other").to_numpy(), population, shares, seed)


def _several(edition: Edition, question: Question, population: Firms, shares: Shares, seed: int) -> pd.DataFrame:
    """The options ticked (True, False), or their ranks (1 first, None beyond `max_choices`)."""
    choices = edition.choices(question)
    known = _distribution(question, choices, population, shares)
    chances = ticked_chances(question, choices, known, population.year - shares.origin_edition)
    chosen: Objects
    if question.type == "ranking":
        chosen = _ranks(question, choices, np.log(chances), population, seed)
    else:
        chosen = _ticks(question, choices, chances, population, seed).astype(object)
    columns = {option_column(question.id, choice.code): chosen[:, place] for place, choice in enumerate(choices)}
    named = [choice.code == "other" for choice in choices]
    ticked_other = np.array([bool(row[named].any()) for row in chosen])
    return _with_other(pd.DataFrame(columns, dtype=object), question, ticked_other, population, shares, seed)


def _ticks(question: Question, choices: tuple[Choice, ...], chances: Floats, population: Firms, seed: int) -> Flags:
    """Ticked options, a firm a row: each with its chance exactly, never more than `max_choices`, exclusive ones alone.

    The chances are laid end to end in an order of each firm's own and read at regular steps (systematic sampling).
    """
    size, names = len(population), (population.audience, str(population.year), "ticks", question.id)
    exclusive = np.array([choice.exclusive for choice in choices])
    alone = chances[exclusive].sum()
    first = cumulative(_scores(population, question.id, None, seed))
    ticked = np.zeros((size, len(choices)), dtype=bool)
    for place, bound in zip(np.flatnonzero(exclusive), np.cumsum(chances[exclusive]), strict=True):
        ticked[:, place] = (first < bound) & ~ticked[:, exclusive].any(axis=1)

    free = np.flatnonzero(~exclusive)
    if not len(free):
        return ticked
    offered = _tilted(question, np.minimum(chances[free] / max(1 - alone, 0.05), 0.97), population)
    most = question.max_choices or len(free)
    room = min(most / offered.sum(axis=1).max(), 1 / offered.max())
    spread = np.clip(room - 1, 0, _SPREAD_OF_TICKS)
    drawn = stream(seed, *names).choice(np.array([1 - spread, 1.0, 1 + spread]), size, p=(0.25, 0.5, 0.25))
    offered = offered * drawn[:, None]
    offered *= np.minimum(0.999 * most / offered.sum(axis=1), 1.0)[:, None]

    lasting = np.column_stack(
        [_scores(population, f"{question.id}.{choices[place].code}", None, seed) for place in free]
    )
    order = np.argsort(lasting, axis=1)
    ends = np.cumsum(np.take_along_axis(offered, order, axis=1), axis=1)
    start = stream(seed, *names, "start").random(size)[:, None]
    steps = np.floor(ends + start)
    hits = np.diff(steps, axis=1, prepend=0.0) > 0
    chosen = np.zeros(hits.shape, dtype=bool)
    np.put_along_axis(chosen, order, hits, axis=1)
    chosen[ticked[:, exclusive].any(axis=1)] = False
    ticked[:, free] = chosen
    return ticked


def _tilted(question: Question, chances: Floats, population: Firms) -> Floats:
    """Chances a firm a row: large and small firms do not name the same things, the mean stays."""
    slopes = 0.15 * stream(0, "slopes", question.id).standard_normal(len(chances))
    tilted = np.exp(np.outer(population.traits["size"], slopes))
    return np.asarray(np.minimum(chances * tilted / tilted.mean(axis=0), 0.98))


def _ranks(
    question: Question, choices: tuple[Choice, ...], preference: Floats, population: Firms, seed: int
) -> Objects:
    noise = stream(seed, population.audience, str(population.year), "ranks", question.id)
    liking = preference + noise.gumbel(size=(len(population), len(choices)))
    ranks = np.argsort(np.argsort(-liking, axis=1), axis=1) + 1
    kept = ranks <= (question.max_choices or len(choices))
    answers = ranks.astype(object)
    answers[~kept] = None
    return np.asarray(answers)


def _brackets(choices: tuple[Choice, ...], value: Floats) -> Ints:
    """The place of the bracket each value lies in, or of the nearest one where brackets leave a gap.

    Who can't tell (NaN) says so if there is an option for it, else answers nothing (the place after the last).
    """
    unsure = next((place for place, choice in enumerate(choices) if not choice.substantive), len(choices))
    low = np.array([-np.inf if choice.low is None else choice.low for choice in choices])
    high = np.array([np.inf if choice.high is None else choice.high for choice in choices])
    unbounded = np.array([choice.low is None and choice.high is None for choice in choices])
    known = np.nan_to_num(value)[:, None]
    distance = np.where(unbounded, np.inf, np.maximum(np.maximum(low - known, known - high), 0.0))
    return np.where(np.isnan(value), unsure, np.argmin(distance, axis=1))


def _open_to(choices: tuple[Choice, ...], population: Firms) -> Flags:
    """Which options each firm may give: those of its own group, where the options are grouped as firms are."""
    groups = set(population.group) - {""}
    grouped = [choice.group if choice.group in groups else None for choice in choices]
    allowed = np.array([[group in {None, own} for group in grouped] for own in population.group])
    return allowed if allowed.any(axis=1).all() else np.ones_like(allowed)


def _distribution(
    question: Question, choices: tuple[Choice, ...], population: Firms, shares: Shares
) -> Distribution | None:
    """What is known of the question; nothing where another survey's question merely has the same id."""
    known = shares.audiences[population.audience].questions.get(question.id)
    return known if known is not None and any(choice.code in known.weights for choice in choices) else None


def _with_other(
    drawn: pd.DataFrame, question: Question, ticked: Flags, population: Firms, shares: Shares, seed: int
) -> pd.DataFrame:
    """Adds the text typed beside « autre »."""
    if question.choices is None or not question.choices.other:
        return drawn
    rng = stream(seed, population.audience, str(population.year), "other", question.id)
    typed = np.array(list(_texts(f"{question.id}.other", shares, len(population), rng)), dtype=object)
    typed[~ticked] = None
    return drawn.assign(**{other_column(question.id): typed})
