"""Weights meet the known margins, are those of Calmar2 and R on their own cases, and are refused by name otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.aggregate.calibration import Bounds, Method, distance_of
from observatory.aggregate.weights import Margins, calibrate, nonresponse, warnings_of
from observatory.problems import Problem, ProblemsError
from tests.aggregate.reference_weights import CASES, RESPONSES, SHARED, Case, Response
from tests.aggregate.report_weights import compared, main, responded, stopped_early

shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")


@shared
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_weights_are_those_of_the_reference(case: Case) -> None:
    line = compared(case)
    assert line.good, line.detail


@shared
@pytest.mark.parametrize("case", RESPONSES, ids=lambda case: case.name)
def test_non_response_weights_are_those_of_the_reference(case: Response) -> None:
    line = responded(case)
    assert line.good, line.detail


@shared
def test_rake_at_its_defaults_differs_by_what_it_misses() -> None:
    line = stopped_early()
    assert line.good, line.detail


@shared
def test_the_report_names_every_case_and_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    said = capsys.readouterr().out
    cases = pd.read_csv(SHARED / "stats" / "est" / "expected" / "expected_weights.csv")["case"].unique()
    assert all(f"{case} (" in said for case in (*cases, "E5b_rake_se"))
    assert "not offered" in said and "different by definition" in said and "DIFFERENT" not in said


@shared
def test_where_calmar_finds_no_weights_none_are_given() -> None:
    """Calmar2 does not converge on its example with bounds 0.6 and 2.2."""
    frame, _, margins = CASES[[case.name for case in CASES].index("icarus wLogit")].read()
    problems = refused(frame, margins, weight="weight", method="logit", bounds=(0.6, 2.2))
    assert problems[0].column in margins.counts or problems[0].column in margins.totals
    assert "0,6 et 2,2" in problems[0].found


# Invented samples: sizes and regions for categories, an amount in euros.

SIZES, REGIONS = ("small", "medium", "large"), ("idf", "nord", "sud", "ouest")
METHODS: tuple[tuple[Method, Bounds | None], ...] = (
    ("linear", None),
    ("raking", None),
    ("logit", (0.05, 20.0)),
    ("linear", (0.05, 20.0)),
)


def sample(rows: int, seed: int) -> pd.DataFrame:
    """Every category has respondents."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": [*SIZES, *random.choice(SIZES, rows - len(SIZES))],
            "region": [*random.choice(REGIONS, rows - len(REGIONS)), *REGIONS],
            "amount": np.round(random.lognormal(15, 1.5, rows), -2),
            "weight": random.uniform(1, 9, rows),
        }
    )


def margins_of(frame: pd.DataFrame, seed: int, amount: bool = True) -> Margins:
    """Margins that some positive weights meet: those of the sample weighted another way."""
    weights = frame["weight"] * np.random.default_rng(seed + 1).uniform(0.5, 2, len(frame))
    return Margins(
        {name: weights.groupby(frame[name]).sum().to_dict() for name in ("size", "region")},
        {"amount": float((weights * frame["amount"]).sum())} if amount else {},
    )


def sums(frame: pd.DataFrame, weights: pd.Series[float], margins: Margins) -> dict[str, float]:
    """The margins that these weights give, computed apart from the code under test."""
    found = {
        f"{name}.{c}": float(weights[frame[name] == c].sum()) for name, known in margins.counts.items() for c in known
    }
    return found | {name: float((weights * frame[name]).sum()) for name in margins.totals}


def asked(margins: Margins) -> dict[str, float]:
    found = {f"{name}.{c}": count for name, known in margins.counts.items() for c, count in known.items()}
    return found | dict(margins.totals)


seeds = st.integers(0, 10_000)
methods = st.sampled_from(METHODS)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(30, 200), seed=seeds, how=methods)
def test_every_margin_is_met(rows: int, seed: int, how: tuple[Method, Bounds | None]) -> None:
    frame = sample(rows, seed)
    margins = margins_of(frame, seed)
    result = calibrate(frame, margins, weight="weight", method=how[0], bounds=how[1])
    assert sums(frame, result.weights, margins) == pytest.approx(asked(margins), rel=1e-9)
    assert {f"{r.margin}.{r.category}".strip("."): r.reached for r in result.reached} == pytest.approx(asked(margins))


@settings(max_examples=20, deadline=None)
@given(seed=seeds, how=methods)
def test_the_order_of_rows_changes_nothing(seed: int, how: tuple[Method, Bounds | None]) -> None:
    frame = sample(60, seed)
    margins = margins_of(frame, seed)
    shuffled = frame.sample(frac=1, random_state=seed)
    options: dict[str, Any] = {"weight": "weight", "method": how[0], "bounds": how[1]}
    first = calibrate(frame, margins, **options).weights
    second = calibrate(shuffled, margins, **options).weights
    assert list(second.index) == list(shuffled.index)
    np.testing.assert_allclose(second.sort_index(), first, rtol=1e-7)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, how=methods)
def test_a_margin_given_twice_changes_nothing(seed: int, how: tuple[Method, Bounds | None]) -> None:
    frame = sample(60, seed)
    frame["again"], frame["in_millions"] = frame["region"], frame["amount"] / 1e6
    margins = margins_of(frame, seed)
    twice = Margins(
        {**margins.counts, "again": margins.counts["region"]},
        {**margins.totals, "in_millions": margins.totals["amount"] / 1e6},
    )
    options: dict[str, Any] = {"weight": "weight", "method": how[0], "bounds": how[1]}
    np.testing.assert_allclose(
        calibrate(frame, twice, **options).weights, calibrate(frame, margins, **options).weights, rtol=1e-7
    )


@settings(max_examples=30, deadline=None)
@given(seed=seeds, how=st.sampled_from(METHODS[2:]), low=st.floats(0.1, 0.7), high=st.floats(1.3, 4))
def test_bounds_are_kept_or_refused(seed: int, how: tuple[Method, Bounds], low: float, high: float) -> None:
    frame = sample(80, seed)
    margins = margins_of(frame, seed)
    named: set[str] = set()
    try:
        result = calibrate(frame, margins, weight="weight", method=how[0], bounds=(low, high))
    except ProblemsError as error:
        named = {problem.column for problem in error.problems}
    else:
        ratios = result.weights / frame["weight"]
        assert low - 1e-12 <= ratios.min() and ratios.max() <= high + 1e-12
        assert (result.ratios.low, result.ratios.high) == pytest.approx((ratios.min(), ratios.max()))
    assert named <= {"size", "region", "amount"}


@settings(max_examples=20, deadline=None)
@given(seed=seeds, how=methods)
def test_weights_that_meet_the_margins_stay(seed: int, how: tuple[Method, Bounds | None]) -> None:
    frame = sample(50, seed)
    margins = margins_of(frame, seed)
    frame["weight"] = calibrate(frame, margins, weight="weight").weights
    result = calibrate(frame, margins, weight="weight", method=how[0], bounds=how[1])
    np.testing.assert_allclose(result.weights, frame["weight"], rtol=1e-8)
    assert result.distance == pytest.approx(0, abs=1e-8 * frame["weight"].sum())


@settings(max_examples=20, deadline=None)
@given(seed=seeds, how=methods)
def test_no_other_weights_that_meet_the_margins_are_nearer(seed: int, how: tuple[Method, Bounds | None]) -> None:
    """Moving along what no margin sees can only lengthen the distance, written here as Deville and Särndal do."""
    frame = sample(40, seed)
    margins = margins_of(frame, seed)
    weights = calibrate(frame, margins, weight="weight", method=how[0], bounds=how[1]).weights.to_numpy()
    initial = frame["weight"].to_numpy()
    seen = np.column_stack(
        [*(frame[n] == c for n, known in margins.counts.items() for c in known), frame["amount"] / 1e7]
    ).astype(float)
    move = np.random.default_rng(seed).normal(size=len(frame))
    move -= seen @ np.linalg.lstsq(seen, move, rcond=None)[0]
    move *= 1e-3 * weights[weights > 0].min() / np.abs(move).max()
    if how[0] == "linear" and how[1] is not None:
        move = (
            move * 0
            if ((weights <= 0.05 * initial * (1 + 1e-9)) | (weights >= 20 * initial * (1 - 1e-9))).any()
            else move
        )
    assert distance(weights, initial, *how) <= distance(weights + move, initial, *how) + 1e-9


def distance(weights: np.ndarray, initial: np.ndarray, method: Method, bounds: Bounds | None) -> float:
    r = weights / initial
    if method == "linear":
        return float((initial * (r - 1) ** 2 / 2).sum())
    if method == "raking":
        return float((initial * (r * np.log(r) - r + 1)).sum())
    assert bounds is not None
    low, high = bounds
    steepness = (high - low) / ((1 - low) * (high - 1))
    parts = (r - low) * np.log((r - low) / (1 - low)) + (high - r) * np.log((high - r) / (high - 1))
    return float((initial * parts / steepness).sum())


@pytest.mark.parametrize(("method", "bounds"), METHODS)
def test_the_distance_told_is_that_of_the_method(method: Method, bounds: Bounds | None) -> None:
    frame = sample(60, 1)
    result = calibrate(frame, margins_of(frame, 1), weight="weight", method=method, bounds=bounds)
    expected = distance(result.weights.to_numpy(), frame["weight"].to_numpy(), method, bounds)
    assert result.distance == pytest.approx(expected)


@pytest.mark.parametrize(("method", "bounds"), METHODS)
def test_a_distance_and_its_derivatives_agree(method: Method, bounds: Bounds | None) -> None:
    of = distance_of(method, bounds)
    at, small = np.linspace(-0.9, 3, 40), 1e-6
    np.testing.assert_allclose(
        (of.integral(at + small) - of.integral(at - small)) / (2 * small), of.ratio(at), rtol=1e-6
    )
    np.testing.assert_allclose(
        (of.ratio(at + small) - of.ratio(at - small)) / (2 * small), of.slope(at), rtol=1e-5, atol=1e-6
    )
    assert (of.ratio(np.zeros(1))[0], of.slope(np.zeros(1))[0]) == pytest.approx((1, 1))


def test_diagnostics_are_those_of_the_weights() -> None:
    frame = sample(100, 3)
    result = calibrate(frame, margins_of(frame, 3), weight="weight")
    weights = result.weights
    assert result.design_effect == pytest.approx(1 + weights.var(ddof=0) / weights.mean() ** 2)
    ratios = weights / frame["weight"]
    assert (result.ratios.q1, result.ratios.median, result.ratios.q3) == pytest.approx(
        tuple(ratios.quantile([0.25, 0.5, 0.75]))
    )
    assert result.reached[0].initial == pytest.approx(
        frame.loc[frame["size"] == result.reached[0].category, "weight"].sum()
    )


def test_without_a_weight_each_respondent_begins_at_1() -> None:
    frame = pd.DataFrame({"size": ["small", "small", "large"]}, index=["a", "b", "c"])
    result = calibrate(frame, Margins({"size": {"small": 30, "large": 4}}))
    assert result.weights.to_dict() == pytest.approx({"a": 15, "b": 15, "c": 4})


def test_raw_euros_are_no_obstacle() -> None:
    """R itself does not converge on these amounts unless they are put in millions."""
    frame = sample(150, 5)
    margins = margins_of(frame, 5)
    millions = frame.assign(amount=frame["amount"] / 1e6)
    totals = Margins(margins.counts, {"amount": margins.totals["amount"] / 1e6})
    options: dict[str, Any] = {"weight": "weight", "method": "logit", "bounds": (0.2, 4.0)}
    np.testing.assert_allclose(
        calibrate(frame, margins, **options).weights, calibrate(millions, totals, **options).weights, rtol=1e-8
    )


def test_negative_weights_are_said() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 30.0], "one": 1.0})
    result = calibrate(frame, Margins(totals={"x": 1.0, "one": 3.0}), method="linear")
    assert result.negative == (result.weights < 0).sum() > 0
    assert [problem.severity for problem in warnings_of(result)] == ["warning"]
    positive = calibrate(sample(60, 1), margins_of(sample(60, 1), 1), weight="weight")
    assert not list(warnings_of(positive))


# Refusals.


def refused(frame: pd.DataFrame, margins: Margins, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(ProblemsError) as caught:
        calibrate(frame, margins, **options)
    return caught.value.problems


SOME = pd.DataFrame(
    {
        "size": ["small", "small", "large", "large"],
        "region": ["nord", "sud", "nord", "sud"],
        "amount": [1.0, 2.0, 3.0, 4.0],
        "weight": [1.0, 1.0, 1.0, 1.0],
    }
)
SIZE = {"small": 10.0, "large": 5.0}
HIDDEN = "secret_answer"

REFUSALS: dict[str, tuple[pd.DataFrame, Margins, dict[str, Any], str, str]] = {
    "a category without respondents": (
        SOME,
        Margins({"size": SIZE | {"medium": 7}}),
        {},
        "size",
        "catégorie « medium » : effectif connu 7, aucun répondant",
    ),
    "respondents where nobody is known": (
        SOME,
        Margins({"size": {"small": 10, "large": 0}}),
        {},
        "size",
        "catégorie « large » : effectif connu 0, mais 2 répondants",
    ),
    "a respondent of no known category": (
        SOME.assign(size=["small", HIDDEN, "large", "large"]),
        Margins({"size": SIZE}),
        {},
        "size",
        "1 répondant dans une catégorie sans effectif connu",
    ),
    "a respondent without an answer": (
        SOME.assign(size=["small", None, None, "large"]),
        Margins({"size": SIZE}),
        {},
        "size",
        "2 répondants sans réponse",
    ),
    "a respondent without an amount": (
        SOME.assign(amount=[1, None, 3, 4]),
        Margins(totals={"amount": 20}),
        {},
        "amount",
        "1 répondant sans réponse",
    ),
    "margins of two populations": (
        SOME,
        Margins({"size": SIZE, "region": {"nord": 8, "sud": 8}}),
        {},
        "region",
        "une somme de 16, contre 15 pour « size »",
    ),
    "totals that contradict each other": (
        SOME.assign(double=[2.0, 4.0, 6.0, 8.0]),
        Margins(totals={"amount": 20, "double": 50}),
        {},
        "amount",
        "se contredisent : amount, double",
    ),
    "a category out of the bounds": (
        SOME,
        Margins({"size": {"small": 10, "large": 2}}),
        {"method": "logit", "bounds": (0.5, 3.0)},
        "size",
        "catégorie « small » : marge 10, soit un rapport de 5, hors des bornes 0,5 et 3",
    ),
    "a total out of the bounds": (
        SOME,
        Margins(totals={"amount": 40}),
        {"method": "linear", "bounds": (0.5, 3.0)},
        "amount",
        "marge 40, soit un rapport de 4, hors des bornes 0,5 et 3",
    ),
    "an amount nobody can give": (
        SOME,
        Margins({"size": SIZE}, {"amount": 1000}),
        {},
        "size",
        "pour « amount » : 32,5 au lieu de 1000",
    ),
    "only zeros for an amount": (
        SOME.assign(amount=0.0),
        Margins(totals={"amount": 10}),
        {},
        "amount",
        "que des zéros",
    ),
    "a margin without a column": (SOME, Margins({"sector": {"a": 1}}), {}, "sector", "pas de colonne de ce nom"),
    "a negative count": (SOME, Margins({"size": {"small": -1, "large": 5}}), {}, "size", "catégorie « small » : -1"),
    "an initial weight of 0": (
        SOME.assign(weight=[0.0, 1, 1, math.nan]),
        Margins({"size": SIZE}),
        {"weight": "weight"},
        "weight",
        "2 répondants sans poids initial positif",
    ),
    "no respondent": (SOME.iloc[:0], Margins({"size": SIZE}), {}, "", "aucun répondant"),
    "no margin": (SOME, Margins(), {}, "", "aucune marge"),
    "raking with bounds": (SOME, Margins({"size": SIZE}), {"bounds": (0.5, 2)}, "bounds", "raking"),
    "logit without bounds": (SOME, Margins({"size": SIZE}), {"method": "logit"}, "bounds", "sans bornes"),
    "bounds on one side of 1": (
        SOME,
        Margins({"size": SIZE}),
        {"method": "linear", "bounds": (1.5, 2)},
        "bounds",
        "bornes 1,5 et 2",
    ),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_a_refusal_names_the_margin_and_shows_no_answer(why: str) -> None:
    frame, margins, options, column, found = REFUSALS[why]
    problem = refused(frame, margins, **options)[0]
    assert problem.column == column
    assert found in problem.found
    assert problem.expected and problem.action
    assert HIDDEN not in problem.render()


def test_all_faults_come_at_once() -> None:
    problems = refused(SOME, Margins({"size": SIZE | {"medium": 1}, "region": {"nord": 8, "sud": 1, "est": 1}}))
    assert {problem.column for problem in problems} == {"size", "region"}


def test_too_few_respondents_for_the_margins_are_refused() -> None:
    """Two respondents can't carry three independent margins, even where each of them could be met."""
    frame = pd.DataFrame({"size": ["small", "large"], "region": ["nord", "sud"]})
    problem = refused(frame, Margins({"size": {"small": 10, "large": 5}, "region": {"nord": 8, "sud": 7}}))[0]
    assert "se contredisent : size, region" in problem.found


def test_a_category_may_stand_on_a_bound_on_the_way() -> None:
    """At one step all the rows of a category are at a bound, where Newton's system says nothing of it."""
    frame = pd.DataFrame(
        {
            "size": ["large", "large", "small", "large", "medium", "medium", "large", "small"],
            "amount": [23.0, 255, 258, 219, 260, 425, 217, 621],
            "weight": [29.0, 28, 11, 19, 28, 17, 8, 2],
        }
    )
    margins = Margins({"size": {"large": 142, "medium": 36.5, "small": 35}}, {"amount": 35686.5})
    result = calibrate(frame, margins, weight="weight", method="linear", bounds=(0.5, 3))
    assert sums(frame, result.weights, margins) == pytest.approx(asked(margins), rel=1e-9)


# Non-response.


def test_non_response_is_the_population_by_respondent_in_each_stratum() -> None:
    frame = pd.DataFrame({"size": ["small", "small", "large"]}, index=[7, 8, 9])
    factors = nonresponse(frame, "size", {"small": 10, "large": 3, "none": 0})
    assert factors.to_dict() == {7: 5.0, 8: 5.0, 9: 3.0}


@pytest.mark.parametrize(
    ("values", "population", "found"),
    [
        (["small", "small"], {"small": 4, "large": 3}, "strate « large » : 3 unités, aucun répondant"),
        (["small", "small"], {"small": 1}, "strate « small » : 1 unités, 2 répondants"),
        (["small", HIDDEN], {"small": 4}, "1 répondant dans une catégorie sans effectif connu"),
        (["small", None], {"small": 4}, "1 répondant sans réponse"),
    ],
)
def test_non_response_refuses_what_it_can_not_weight(
    values: list[str | None], population: dict[str, float], found: str
) -> None:
    with pytest.raises(ProblemsError) as caught:
        nonresponse(pd.DataFrame({"size": values}), "size", population)
    (problem,) = caught.value.problems
    assert (problem.column, problem.found) == ("size", found)
    assert HIDDEN not in problem.render()


def test_collapsing_a_stratum_is_left_to_the_team() -> None:
    with pytest.raises(ProblemsError, match=r"regroupez cette strate avec une voisine .* revient à l'équipe"):
        nonresponse(pd.DataFrame({"size": ["small"]}), "size", {"small": 4, "large": 3})


def test_margins_may_be_told_as_a_mapping_and_categories_of_any_kind() -> None:
    frame = pd.DataFrame({"open": [True, True, False], "rank": [1, 2, 2], "sales": [1.0, 2.0, 3.0]})
    told = calibrate(frame, {"open": {True: 10, False: 20}, "sales": 70}, method="linear")  # type: ignore[dict-item]
    assert told.weights[:2].sum() == pytest.approx(10) and told.weights[2] == pytest.approx(20)
    assert told.weights @ frame["sales"] == pytest.approx(70)
    ranked = calibrate(frame, {"rank": {1: 5, 2: 8}})  # type: ignore[dict-item]
    assert ranked.weights.tolist() == pytest.approx([5, 4, 4])


def test_a_column_of_texts_is_no_amount_and_its_texts_are_not_told() -> None:
    with pytest.raises(ProblemsError) as caught:
        calibrate(pd.DataFrame({"sales": ["12", "secret"]}), Margins(totals={"sales": 3.0}))
    assert caught.value.problems[0].column == "sales" and "secret" not in str(caught.value)
