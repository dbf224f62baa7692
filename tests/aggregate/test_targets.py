"""An estimate is ahead of a target's path, behind it, or compatible with it; nothing in between is said."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.aggregate.targets import one_sided, state
from observatory.editions.model import Target


def target(**changed: Any) -> Target:
    given_ = {
        "unit": "share",
        "base_year": 2021,
        "base_value": 0.02,
        "target_year": 2027,
        "target_value": 0.05,
    } | changed
    return Target(id="t", label={"fr": "Cible"}, source="Plan", **given_)


RISING, FALLING = target(), target(base_value=0.05, target_value=0.02)


@pytest.mark.parametrize(
    ("year", "asked"), [(2020, None), (2021, 0.02), (2023, 0.03), (2026, 0.045), (2027, 0.05), (2031, 0.05)]
)
def test_the_path_has_equal_steps_and_holds_after_its_end(year: int, asked: float | None) -> None:
    assert RISING.required(year) == (None if asked is None else pytest.approx(asked))


@pytest.mark.parametrize(
    ("low", "high", "rising", "falling"),
    [
        (0.036, 0.06, "ahead", "behind"),
        (0.01, 0.034, "behind", "ahead"),
        (0.01, 0.06, "compatible", "compatible"),
        (0.035, 0.06, "compatible", "compatible"),  # the bound itself is not beyond
    ],
)
def test_a_state_is_a_one_sided_test_in_the_direction_of_the_target(
    low: float, high: float, rising: str, falling: str
) -> None:
    """Both paths ask for 3.5 % half-way."""
    assert (state(RISING, 2024, low, high), state(FALLING, 2024, low, high)) == (rising, falling)


def test_before_the_path_or_without_a_bound_there_is_no_state() -> None:
    assert state(RISING, 2020, 0.0, 0.1) is None
    assert state(RISING, 2024, math.nan, 0.1) is None


def test_after_the_target_year_the_target_is_asked_for() -> None:
    assert state(RISING, 2031, 0.051, 0.06) == "ahead" and state(RISING, 2031, 0.049, 0.06) == "compatible"


def test_bounds_are_one_sided() -> None:
    """Five degrees of freedom: R's qt(0.95, 5)."""
    assert one_sided(0.1, 0.01, 5) == pytest.approx((0.1 - 0.0201504837, 0.1 + 0.0201504837))
    assert one_sided(0.1, 0.01) == pytest.approx((0.1 - 0.0164485363, 0.1 + 0.0164485363))
    assert one_sided(0.1, 0.0) == (0.1, 0.1)
    assert math.isnan(one_sided(0.1, 0.01, 0)[0])


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="above"):
        state(RISING, 2024, 0.2, 0.1)


@given(st.floats(0, 0.1), st.floats(0, 0.05), st.integers(2021, 2030))
def test_the_two_directions_are_each_other_s_mirror(value: float, se: float, year: int) -> None:
    rising = target(unit="EUR", base_value=1.0, target_value=1.05)
    falling = target(unit="EUR", base_value=-1.0, target_value=-1.05)
    low, high = one_sided(1 + value, se)
    assert state(rising, year, low, high) == state(falling, year, -high, -low)
