"""A rank is an interval of the ranks that the answers allow."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.aggregate.estimation import Design, covariance
from observatory.aggregate.ranks import pairwise, rank_intervals
from tests.aggregate.report_estimation import FOLDER, Reference, barriers, expected_rows


@pytest.mark.parametrize("adjustment", ["holm", "raw"])
def test_rank_intervals_are_those_of_r(adjustment: str) -> None:
    if not FOLDER.exists():
        pytest.skip("the reference cases are not beside this checkout (../shared/data/stats/est)")
    rows, matrix = barriers(Reference(FOLDER))
    found = rank_intervals(rows["value"], matrix, adjusted=adjustment == "holm").set_axis(rows["variable"])
    names = {"rank": "rank", "rank_low": "low", "rank_high": "high"}
    expected = [
        (key.y, names[statistic], value)
        for key, statistic, value in expected_rows(FOLDER)
        if key.case == "E10_rank" and key.estimator.endswith(adjustment)
    ]
    assert len(expected) == 24
    assert {(option, name): found.loc[option, name] for option, name, _ in expected} == {
        (option, name): value for option, name, value in expected
    }


def ticks(*options: str) -> tuple[pd.Series, np.ndarray]:
    """The shares of options, each a string of 0 and 1, one figure a respondent, and their covariance."""
    connection = duckdb.connect()
    frame = pd.DataFrame({f"o{i}": [int(tick) for tick in option] for i, option in enumerate(options)})  # noqa: F841
    connection.execute("CREATE TABLE answers AS SELECT * FROM frame")
    names = [f"o{i}" for i in range(len(options))]
    rows, matrix = covariance(connection, "answers", Design(), "proportion", names)
    return rows["value"], matrix


def listed(found: pd.DataFrame) -> list[list[float]]:
    return found.to_numpy().tolist()


def test_far_apart_is_sure_and_close_is_not() -> None:
    values, matrix = ticks("1" * 38 + "0" * 2, "1" * 20 + "0" * 20, "0" * 21 + "1" * 19, "0" * 40)
    assert listed(rank_intervals(values, matrix)) == [[1, 1, 1], [2, 2, 3], [3, 2, 3], [4, 4, 4]]


def test_options_of_one_share_have_one_rank() -> None:
    values, matrix = ticks("1100", "0011", "1000")
    assert listed(rank_intervals(values, matrix)) == [[1.5, 1, 3], [1.5, 1, 3], [3, 1, 3]]


def test_rounding_makes_no_rank() -> None:
    found = rank_intervals([0.1 + 0.2, 0.3, 0.6], np.diag([0.01, 0.01, 0.0001]))
    assert found["rank"].tolist() == [2.5, 2.5, 1]


def test_options_that_nobody_chose_are_equal() -> None:
    values, matrix = ticks("0" * 30, "1" * 15 + "0" * 15, "0" * 30)
    assert listed(rank_intervals(values, matrix)) == [[2.5, 2, 3], [1, 1, 1], [2.5, 2, 3]]
    assert pairwise(values, matrix)[0, 2] == 1


def test_options_that_the_same_respondents_chose_are_equal() -> None:
    values, matrix = ticks("101010011", "101010011", "000000000")
    assert pairwise(values, matrix)[0, 1] == 1


def test_a_census_knows_its_ranks() -> None:
    assert listed(rank_intervals([0.2, 0.3, 0.2], np.zeros((3, 3)))) == [[2.5, 2, 3], [1, 1, 1], [2.5, 2, 3]]


def test_an_option_without_a_value_takes_no_place() -> None:
    values, matrix = ticks("1" * 38 + "0" * 2, "1" * 20 + "0" * 20)
    wider = np.full((3, 3), np.nan)
    wider[np.ix_([0, 2], [0, 2])] = matrix
    found = rank_intervals([values[0], np.nan, values[1]], wider)
    assert listed(found)[0] == [1, 1, 1] and listed(found)[2] == [2, 2, 2] and found.loc[1].isna().all()
    assert rank_intervals([], np.zeros((0, 0))).empty


def test_adjusted_for_many_pairs_is_wider_than_raw() -> None:
    values, matrix = ticks("1" * 25 + "0" * 15, "0" * 22 + "1" * 18, "0" * 24 + "1" * 16)
    raw, adjusted = (rank_intervals(values, matrix, adjusted=way) for way in (False, True))
    assert (raw["low"] >= adjusted["low"]).all() and (raw["high"] <= adjusted["high"]).all()
    assert (pairwise(values, matrix) >= pairwise(values, matrix, adjusted=False)).all()


def test_a_covariance_of_other_options_is_refused() -> None:
    with pytest.raises(ValueError, match="covariance"):
        rank_intervals([0.1, 0.2], np.zeros((3, 3)))


TICKS = st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(TICKS, st.sampled_from([0.5, 0.8, 0.95]), st.booleans())
def test_the_interval_holds_the_rank(answers: list[list[bool]], level: float, adjusted: bool) -> None:
    chosen = np.array(answers, dtype=float)
    matrix = np.atleast_2d(np.cov(chosen)) / chosen.shape[1]
    found = rank_intervals(chosen.mean(axis=1), matrix, level, adjusted=adjusted)
    assert ((found["low"] <= found["rank"]) & (found["rank"] <= found["high"])).all()
    assert found["low"].min() == 1 and found["high"].max() == len(answers)
