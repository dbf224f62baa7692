"""Calibration as arithmetic: the weights closest to the initial ones that meet known totals.

Belongs here: the distances, and Newton's method on their dual. Does not belong here: names, frames and what is said
when there is no solution (weights.py).

A weight is w = d·F(x·λ), d being the initial weight, x the row's auxiliary values and λ one multiplier a constraint; F
is the distance's own function. Category margins are kept as codes: nothing of the size rows × categories is ever built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Method = Literal["linear", "raking", "logit"]
Bounds = tuple[float, float]

TOLERANCE = 1e-10
"""Relative gap to each constraint under which it is met."""

_RANK = 1e-11
"""Eigenvalues below this share of the largest are those of collinear constraints."""

_MOST_ITERATIONS = 200


@dataclass(frozen=True)
class Auxiliary:
    """Each row's auxiliary values: its category in each category margin, and its amounts (rows × totals)."""

    codes: tuple[Codes, ...]
    sizes: tuple[int, ...]
    amounts: Floats

    def slices(self) -> list[slice]:
        """Where each category margin's constraints stand; amounts come last."""
        ends = np.cumsum(self.sizes, dtype=int).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]

    def combined(self, multipliers: Floats) -> Floats:
        """x·λ of each row."""
        result = self.amounts @ multipliers[sum(self.sizes) :]
        for codes, place in zip(self.codes, self.slices(), strict=True):
            result += multipliers[place][codes]
        return result

    def sums(self, weights: Floats) -> Floats:
        """Σ w·x of each constraint."""
        counts = [
            np.bincount(codes, weights, minlength=size) for codes, size in zip(self.codes, self.sizes, strict=True)
        ]
        return np.concatenate([*counts, weights @ self.amounts])

    def gram(self, weights: Floats) -> Floats:
        """Σ w·x·xᵀ, one row and one column a constraint."""
        places, amounts = self.slices(), slice(sum(self.sizes), None)
        total = sum(self.sizes) + self.amounts.shape[1]
        result = np.zeros((total, total))
        weighted = self.amounts * weights[:, None]
        result[amounts, amounts] = weighted.T @ self.amounts
        for codes, size, place in zip(self.codes, self.sizes, places, strict=True):
            np.fill_diagonal(result[place, place], np.bincount(codes, weights, minlength=size))
            for column, values in enumerate(weighted.T, start=sum(self.sizes)):
                result[place, column] = result[column, place] = np.bincount(codes, values, minlength=size)
        for first, second in combinations(range(len(self.codes)), 2):
            shape = (self.sizes[first], self.sizes[second])
            cells = self.codes[first] * shape[1] + self.codes[second]
            block = np.bincount(cells, weights, minlength=shape[0] * shape[1]).reshape(shape)
            result[places[first], places[second]] = block
            result[places[second], places[first]] = block.T
        return result


@dataclass(frozen=True)
class Distance:
    """A distance by its dual: `ratio` is F, `slope` its derivative, `integral` the primitive of F that is 0 at 0."""

    ratio: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    integral: Callable[[Floats], Floats]


def distance_of(method: Method, bounds: Bounds | None) -> Distance:
    """The distance of Deville and Särndal (1992); `bounds` are those of w/d, low < 1 < high."""
    if method == "raking":
        return Distance(np.exp, np.exp, np.expm1)
    if method == "linear":
        return _linear(*(bounds or (-np.inf, np.inf)))
    if bounds is None:
        raise ValueError("logit has bounds")
    return _logit(*bounds)


def _linear(low: float, high: float) -> Distance:
    def ratio(u: Floats) -> Floats:
        return np.clip(1 + u, low, high)

    def slope(u: Floats) -> Floats:
        return ((u > low - 1) & (u < high - 1)).astype(float)

    def integral(u: Floats) -> Floats:
        inside = np.clip(u, low - 1, high - 1)
        return inside + inside**2 / 2 + (u - inside) * (1 + inside)

    return Distance(ratio, slope, integral)


def _logit(low: float, high: float) -> Distance:
    width = high - low
    steepness = width / ((1 - low) * (high - 1))
    shift = np.log((1 - low) / (high - 1))

    def share(u: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-(steepness * u + shift))), dtype=float)

    def ratio(u: Floats) -> Floats:
        return low + width * share(u)

    def slope(u: Floats) -> Floats:
        part = share(u)
        return width * steepness * part * (1 - part)

    def integral(u: Floats) -> Floats:
        grown = np.logaddexp(0, steepness * u + shift) - np.logaddexp(0, shift)
        return np.asarray(low * u + width / steepness * grown, dtype=float)

    return Distance(ratio, slope, integral)


@dataclass(frozen=True)
class Solution:
    """`ratios` are w/d; `distance` is Σ d·G(w/d), 0 where nothing moved."""

    ratios: Floats
    distance: float
    iterations: int


class NoSolutionError(Exception):
    """No weights were found. Where constraints contradict each other, `contradiction` holds the coefficients of a
    combination of them that is 0 for every row and not 0 in the known totals; `reached` are the totals of the last try.
    """

    def __init__(self, reached: Floats, contradiction: Floats | None = None) -> None:
        self.reached = reached
        self.contradiction = contradiction
        super().__init__("no weights meet the constraints")


def allowances(auxiliary: Auxiliary, totals: Floats, initial: Floats) -> Floats:
    """The gap allowed to each constraint; of an amount whose total cancels out, a share of what it is summed from."""
    positive = Auxiliary(auxiliary.codes, auxiliary.sizes, np.abs(auxiliary.amounts)).sums(initial)
    return TOLERANCE * np.maximum(np.abs(totals), 1e-3 * positive)


def solve(auxiliary: Auxiliary, totals: Floats, initial: Floats, distance: Distance) -> Solution:
    """The weights that meet the totals. `initial` is positive; amounts are expected near 1 (scaled by the caller).

    Raises NoSolutionError.
    """
    allowed = allowances(auxiliary, totals, initial)
    whole = auxiliary.gram(initial)
    contradiction = _contradiction(whole, totals - auxiliary.sums(initial), allowed)
    if contradiction is not None:
        raise NoSolutionError(auxiliary.sums(initial), contradiction)
    multipliers = np.zeros(len(totals))
    along = np.zeros(len(initial))
    # A try that leaves the numbers' range is refused by the search along the step, not by a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for iteration in range(_MOST_ITERATIONS):
            ratios = distance.ratio(along)
            reached = auxiliary.sums(initial * ratios)
            gap = totals - reached
            if np.all(np.abs(gap) <= allowed):
                cost = float(initial @ (ratios * along - distance.integral(along)))
                return Solution(ratios, cost, iteration)
            step = _step(auxiliary.gram(initial * distance.slope(along)), gap, whole)
            moved = _search(auxiliary, totals, initial, distance, multipliers, along, step, float(gap @ step))
            if moved is None:
                break
            multipliers, along = moved
    raise NoSolutionError(reached)


def _spectrum(matrix: Floats) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    """Scale, eigenvalues and eigenvectors of the scaled matrix, and which of them count."""
    diagonal = np.diag(matrix)
    scale = np.zeros(len(diagonal))
    np.divide(1, np.sqrt(diagonal), out=scale, where=diagonal > 0)
    values, vectors = np.linalg.eigh(matrix * np.outer(scale, scale))
    return scale, values, vectors, values > _RANK * max(values[-1], 0)


def _contradiction(whole: Floats, gap: Floats, allowed: Floats) -> Floats | None:
    """Coefficients of constraints that the rows tie together and the known totals do not; None if there are none."""
    scale, _, vectors, counts = _spectrum(whole)
    left = vectors[:, ~counts]
    coefficients = scale * (left @ (left.T @ (scale * gap)))
    if abs(float(coefficients @ gap)) <= float(np.abs(coefficients) @ allowed):
        return None
    return coefficients


def _step(slope: Floats, gap: Floats, whole: Floats) -> Floats:
    """Newton's step. Where all the rows of a constraint stand on a bound, the slope says nothing of it: a little of
    the initial one is added, and the step still goes downhill."""
    scale, values, vectors, counts = _spectrum(slope)
    parts = vectors.T @ (scale * gap)
    step: Floats = scale * (vectors[:, counts] @ (parts[counts] / values[counts]))
    missed = gap - slope @ step
    if np.linalg.norm(missed) > 1e-6 * np.linalg.norm(gap) and np.any(slope != whole):
        scale, values, vectors, counts = _spectrum(slope + 1e-3 * whole)
        parts = vectors.T @ (scale * gap)
        step = scale * (vectors[:, counts] @ (parts[counts] / values[counts]))
    return step


def _search(
    auxiliary: Auxiliary,
    totals: Floats,
    initial: Floats,
    distance: Distance,
    multipliers: Floats,
    along: Floats,
    step: Floats,
    promised: float,
) -> tuple[Floats, Floats] | None:
    """The longest of the steps 1, 1/2, 1/4… that lowers the dual, which is convex; None if none does."""
    moves = auxiliary.combined(step)
    begun, given = float(initial @ distance.integral(along)), float(totals @ multipliers)
    rounding = 1e-13 * (float(initial @ np.abs(distance.integral(along))) + abs(given))
    length = 1.0
    while length > 1e-12:
        further, there = multipliers + length * step, along + length * moves
        dual = float(initial @ distance.integral(there)) - float(totals @ further)
        if dual <= begun - given - 1e-4 * length * promised + rounding:
            return further, there
        length /= 2
    return None
