"""Answers drawn from a questionnaire: its rules are respected, its known shares come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stdnum.fr import siren

from observatory.editions.columns import option_column, other_column, state_column
from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import AUDIENCES, Audience, Edition
from observatory.simulate.answers import ANSWERED, NO_ANSWER, NOT_SHOWN, draw_answers, holding, shown_to
from observatory.simulate.flaws import META, Wave
from observatory.simulate.population import firms
from observatory.simulate.shares import Shares, one_answer_weights, ticked_chances
from observatory.simulate.step import simulate_wave

SEED = 5
OTHER_SURVEYS = Path(__file__).parents[1] / "editions" / "ospo"


@pytest.fixture(scope="session", params=AUDIENCES)
def audience(request: pytest.FixtureRequest) -> Audience:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def drawn(edition: Edition, shares: Shares) -> dict[Audience, pd.DataFrame]:
    return {
        audience: draw_answers(edition, firms(audience, int(edition.name), shares, SEED), shares, SEED)
        for audience in AUDIENCES
    }


def assert_without_fault(table: pd.DataFrame, edition: Edition, audience: Audience) -> None:
    """Routing, checks, bounds, options and states hold on every row."""
    questions = edition.questionnaires[audience].questions
    for question in questions:
        state = table[state_column(question.id)]
        assert set(state) <= {NOT_SHOWN, NO_ANSWER, ANSWERED}
        shown = np.ones(len(table), dtype=bool)
        if question.show_if is not None:
            shown = holding([question.show_if], table, edition, audience)[question.show_if]
        assert (shown_to(table, question) == shown).all(), question.id
        for rule in question.check:
            assert holding([rule.rule], table, edition, audience, otherwise=True)[rule.rule].all(), question.id
        codes = {choice.code: choice for choice in edition.choices(question)}
        if question.type in {"multiple", "ranking"}:
            options = table[[option_column(question.id, code) for code in codes]]
            given = options.notna() & options.ne(False)
            assert (given.any(axis=1) == state.eq(ANSWERED)).all(), question.id
            if question.max_choices is not None:
                assert given.sum(axis=1).max() <= question.max_choices, question.id
            alone = given[[option_column(question.id, code) for code, choice in codes.items() if choice.exclusive]]
            assert (given.sum(axis=1)[alone.any(axis=1)] == 1).all(), question.id
            if "other" in codes:
                text = table[other_column(question.id)].notna()
                assert (text == given[option_column(question.id, "other")]).all(), question.id
            continue
        values = table[question.id]
        assert (values.notna() == state.eq(ANSWERED)).all(), question.id
        if codes:
            assert set(values.dropna()) <= set(codes), question.id
        if question.min is not None:
            assert values.dropna().min() >= question.min, question.id
        if question.max is not None:
            assert values.dropna().max() <= question.max, question.id


def test_answers_respect_the_questionnaire(
    drawn: dict[Audience, pd.DataFrame], edition: Edition, audience: Audience
) -> None:
    assert_without_fault(drawn[audience], edition, audience)


def test_shares_come_near_the_declared_ones(
    drawn: dict[Audience, pd.DataFrame], edition: Edition, shares: Shares, audience: Audience
) -> None:
    """Within four standard errors of each declared share, on those who were asked and answered."""
    table, compared = drawn[audience], 0
    elapsed = int(edition.name) - shares.origin_edition
    for question in edition.questionnaires[audience].questions:
        known = shares.audiences[audience].questions.get(question.id)
        answered = table[table[state_column(question.id)] == ANSWERED]
        if known is None or known.group_weights or known.loads.get("appetite") or question.id == "buyer_category":
            continue
        choices = edition.choices(question)
        if question.type == "multiple":
            expected = ticked_chances(question, choices, known, elapsed)
            observed = [float(answered[option_column(question.id, choice.code)].mean()) for choice in choices]
        else:
            expected = one_answer_weights(question, choices, known, elapsed)
            observed = [float(answered[question.id].eq(choice.code).mean()) for choice in choices]
        tolerance = 4 * np.sqrt(expected * (1 - expected) / len(answered)) + 0.015
        assert (np.abs(np.array(observed) - expected) < tolerance).all(), question.id
        compared += 1
    assert compared > 10


def test_revenue_brackets_follow_the_published_shares(drawn: dict[Audience, pd.DataFrame]) -> None:
    given = drawn["startup"]["revenue_share_public"].value_counts(normalize=True)
    assert given["zero"] == pytest.approx(0.43, abs=0.08)
    assert given["up_to_20"] == pytest.approx(0.31, abs=0.08)


def test_public_and_private_buyers_give_categories_of_their_own(
    drawn: dict[Audience, pd.DataFrame], edition: Edition, shares: Shares
) -> None:
    group = firms("buyer", int(edition.name), shares, SEED).group
    question = edition.questionnaires["buyer"].question("buyer_category")
    own = {choice.code: choice.group for choice in edition.choices(question)}
    category = drawn["buyer"]["buyer_category"]
    assert all(code is None or own[code] == of for code, of in zip(category, group, strict=True))


def test_bracket_of_purchases_agrees_with_the_amounts(drawn: dict[Audience, pd.DataFrame], edition: Edition) -> None:
    table = drawn["buyer"]
    question = edition.questionnaires["buyer"].question("startup_purchase_share")
    bounds = {choice.code: (choice.low, choice.high) for choice in edition.choices(question)}
    told = table[table["total_purchases_last"].notna() & table["startup_purchases_last"].notna()]
    seen = 0
    for code, purchases, total in zip(
        told["startup_purchase_share"], told["startup_purchases_last"], told["total_purchases_last"], strict=True
    ):
        low, high = bounds.get(code, (None, None))
        if low is not None:
            assert low <= purchases / total <= (1 if high is None else high)
            seen += 1
    assert seen > 30


def test_answers_are_not_all_there(wave: Wave) -> None:
    states = wave.responses[[column for column in wave.responses if str(column).endswith("__state")]]
    assert (states == NO_ANSWER).any().mean() > 0.5
    assert wave.responses["submitted_at"].isna().any()


def test_as_many_unique_consenting_respondents_as_declared(wave: Wave, shares: Shares) -> None:
    extra = [flaw for flaw in wave.flaws if flaw.kind in {"duplicate", "no_consent", "excluded"}]
    assert len(wave.responses) - len(extra) == shares.audiences[wave.audience].respondents
    assert {flaw.kind for flaw in extra} == {"duplicate", "no_consent", "excluded"}


def test_only_planted_sirens_are_invalid(wave: Wave) -> None:
    name = wave.edition.questionnaires[wave.audience].identity.siren
    assert name is not None
    given = wave.responses[name].dropna()
    invalid = {response for response, number in given.items() if not siren.is_valid(number)}
    assert invalid == {flaw.response for flaw in wave.flaws if flaw.kind == "invalid_siren"}
    assert invalid


def test_two_services_share_a_siren_for_two_perimeters(waves: dict[Audience, Wave]) -> None:
    wave = waves["buyer"]
    pair = wave.responses.loc[[flaw.response for flaw in wave.flaws if flaw.kind == "shared_siren"]]
    assert len(pair) == 2
    assert pair["siren"].nunique() == 1
    assert pair["perimeter"].nunique() == 2


@pytest.mark.skipif(not OTHER_SURVEYS.is_dir(), reason="the editions of the other survey are not here")
@pytest.mark.parametrize("name", edition_names(OTHER_SURVEYS))
def test_another_survey_can_be_simulated(name: str, shares: Shares) -> None:
    edition = load_edition(OTHER_SURVEYS, name)
    for audience in edition.audiences:
        table = draw_answers(edition, firms(audience, int(name), shares, SEED), shares, SEED)
        assert_without_fault(table, edition, audience)
        assert len(simulate_wave(edition, audience, shares).responses) >= len(table)


def test_a_wave_has_the_columns_it_says(wave: Wave) -> None:
    assert tuple(wave.responses.columns[: len(META)]) == META
    assert wave.responses.index.is_monotonic_increasing
    assert wave.responses["started_at"].is_monotonic_increasing
