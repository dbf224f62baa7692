"""Calibration as arithmetic: the weights closest to the initial ones that meet known totals.

Belongs here: the distances, and Newton's method on their dual. Does not belong here: names, frames and what is said
when there is no solution (weights.py).

A weight is w = d·F(x·λ), d being the initial weight, x the row's auxiliary values and λ one multiplier a constraint; F
is the distance's own function. Category margins are kept as codes: nothing of the size rows × categories is ever built.
Long vectors are multiplied and summed, not handed to BLAS: its threads make a short work long where cores are shared.
"""

from __future__ import annotations

import math
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
"""A constraint of which less than this share is left, others taken out, is a combination of them."""

_MOST_ITERATIONS = 100


def total(values: Floats) -> float:
    return float(np.sum(values))


@dataclass(frozen=True)
class Auxiliary:
    """Each row's auxiliary values: its category in each category margin, and its amounts (totals × rows)."""

    codes: tuple[Codes, ...]
    sizes: tuple[int, ...]
    amounts: Floats

    def slices(self) -> list[slice]:
        """Where each category margin's constraints stand; amounts come last."""
        ends = np.cumsum(self.sizes, dtype=int).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]

    def without(self, margin: int) -> Auxiliary:
        """All but one margin, counted as `codes` then amounts are."""
        amount = margin - len(self.codes)
        if amount >= 0:
            return Auxiliary(self.codes, self.sizes, np.delete(self.amounts, amount, axis=0))
        codes, sizes = list(self.codes), list(self.sizes)
        del codes[margin], sizes[margin]
        return Auxiliary(tuple(codes), tuple(sizes), self.amounts)

    def combined(self, multipliers: Floats) -> Floats:
        """x·λ of each row."""
        result = np.zeros(self.amounts.shape[1])
        for codes, place in zip(self.codes, self.slices(), strict=True):
            result += multipliers[place][codes]
        for amount, multiplier in zip(self.amounts, multipliers[sum(self.sizes) :], strict=True):
            result += multiplier * amount
        return result

    def sums(self, weights: Floats) -> Floats:
        """Σ w·x of each constraint."""
        counts = [
            np.bincount(codes, weights, minlength=size) for codes, size in zip(self.codes, self.sizes, strict=True)
        ]
        return np.concatenate([*counts, [total(weights * amount) for amount in self.amounts]])

    def gram(self, weights: Floats) -> Floats:
        """Σ w·x·xᵀ, one row and one column a constraint."""
        places, categories = self.slices(), sum(self.sizes)
        result = np.zeros((categories + len(self.amounts), categories + len(self.amounts)))
        for codes, size, place in zip(self.codes, self.sizes, places, strict=True):
            np.fill_diagonal(result[place, place], np.bincount(codes, weights, minlength=size))
        for column, amount in enumerate(self.amounts, start=categories):
            weighted = weights * amount
            for codes, size, place in zip(self.codes, self.sizes, places, strict=True):
                result[place, column] = result[column, place] = np.bincount(codes, weighted, minlength=size)
            for other, values in enumerate(self.amounts, start=categories):
                result[column, other] = total(weighted * values)
        for first, second in combinations(range(len(self.codes)), 2):
            shape = (self.sizes[first], self.sizes[second])
            cells = self.codes[first] * shape[1] + self.codes[second]
            block = np.bincount(cells, weights, minlength=shape[0] * shape[1]).reshape(shape)
            result[places[first], places[second]] = block
            result[places[second], places[first]] = block.T
        return result


def cells(auxiliary: Auxiliary, initial: Floats) -> tuple[Auxiliary, Floats, Codes | None]:
    """The same problem on fewer rows: rows of the same categories, having one ratio, count as one whose initial weight
    is their sum. The last item is each row's cell; None where amounts, or more cells than rows, leave nothing to gain.
    """
    number = math.prod(auxiliary.sizes)
    if len(auxiliary.amounts) or number > len(initial):
        return auxiliary, initial, None
    own = np.ravel_multi_index(auxiliary.codes, auxiliary.sizes)
    sums = np.bincount(own, initial, minlength=number)
    filled = np.flatnonzero(sums)
    places = np.zeros(number, dtype=np.intp)
    places[filled] = np.arange(len(filled))
    codes = tuple(np.unravel_index(filled, auxiliary.sizes))
    return Auxiliary(codes, auxiliary.sizes, np.empty((0, len(filled)))), sums[filled].astype(float), places[own]


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
    free, tied = independent(whole)
    _agreed(tied, totals, allowed, auxiliary, initial)
    multipliers = np.zeros(len(totals))
    along = np.zeros(len(initial))
    # A try that leaves the numbers' range is refused by the search along the step, not by a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for iteration in range(_MOST_ITERATIONS):
            ratios = distance.ratio(along)
            reached = auxiliary.sums(initial * ratios)
            gap = totals - reached
            if np.all(np.abs(gap) <= allowed):
                cost = total(initial * (ratios * along - distance.integral(along)))
                return Solution(ratios, cost, iteration)
            step = np.zeros(len(totals))
            slope = auxiliary.gram(initial * distance.slope(along))
            step[free] = _step(slope[np.ix_(free, free)], gap[free], whole[np.ix_(free, free)])
            moved = _search(auxiliary, totals, initial, distance, (multipliers, along), step, total(gap * step))
            if moved is None:
                break
            multipliers, along = moved
    raise NoSolutionError(reached)


def independent(whole: Floats) -> tuple[list[int], list[Floats]]:
    """The constraints that stand by themselves, and for each other one the coefficients of a combination of it and of
    them that is 0 for every row. A Cholesky factorisation that takes the constraint least explained so far."""
    scale = _scale(whole)
    left = whole * np.outer(scale, scale)
    factor = np.zeros((0, len(whole)))
    free: list[int] = []
    while len(free) < len(whole):
        remaining = np.diag(left).copy()
        remaining[free] = 0
        place = int(np.argmax(remaining))
        if remaining[place] <= _RANK:
            break
        row = left[place] / math.sqrt(remaining[place])
        left = left - np.outer(row, row)
        factor = np.vstack([factor, row])
        free.append(place)
    tied = []
    for place in sorted(set(range(len(whole))) - set(free)):
        coefficients = np.zeros(len(whole))
        coefficients[place] = scale[place] or 1.0
        coefficients[free] = -scale[free] * np.linalg.solve(factor[:, free], factor[:, place])
        tied.append(coefficients)
    return free, tied


def _agreed(tied: list[Floats], totals: Floats, allowed: Floats, auxiliary: Auxiliary, initial: Floats) -> None:
    """What is 0 for every row is 0 in the totals too; NoSolutionError if not."""
    reached = auxiliary.sums(initial)
    for coefficients in tied:
        # The rows' own sum is what rounding leaves of 0.
        if abs(total(coefficients * (totals - reached))) > total(np.abs(coefficients) * allowed):
            raise NoSolutionError(reached, coefficients)


def _scale(matrix: Floats) -> Floats:
    """What makes the diagonal 1; 0 where it is 0."""
    scale = np.zeros(len(matrix))
    np.divide(1, np.sqrt(np.diag(matrix)), out=scale, where=np.diag(matrix) > 0)
    return scale


def _step(slope: Floats, gap: Floats, whole: Floats) -> Floats:
    """Newton's step. Where all the rows of a constraint stand on a bound, the slope says nothing of it: a little of
    the initial one is added, and the step still goes downhill."""
    step = _solved(slope, gap)
    if np.linalg.norm(gap - slope @ step) > 1e-6 * np.linalg.norm(gap):
        step = _solved(slope + 1e-3 * whole, gap)
    return step


def _solved(matrix: Floats, gap: Floats) -> Floats:
    """The solution, with so little of a ridge that it tells only where the matrix says nothing."""
    scale = _scale(matrix)
    scaled = matrix * np.outer(scale, scale)
    return np.asarray(scale * np.linalg.solve(scaled + 1e-13 * np.eye(len(gap)), scale * gap), dtype=float)


def _search(
    auxiliary: Auxiliary,
    totals: Floats,
    initial: Floats,
    distance: Distance,
    begun: tuple[Floats, Floats],
    step: Floats,
    promised: float,
) -> tuple[Floats, Floats] | None:
    """The longest of the steps 1, 1/2, 1/4… that lowers the dual, which is convex; None if none does. `begun` and the
    result are multipliers and x·λ of each row."""
    multipliers, along = begun
    moves = auxiliary.combined(step)
    costs, given = initial * distance.integral(along), total(totals * multipliers)
    before, rounding = total(costs) - given, 1e-13 * (total(np.abs(costs)) + abs(given))
    length = 1.0
    while length > 1e-12:
        further, there = multipliers + length * step, along + length * moves
        dual = total(initial * distance.integral(there)) - total(totals * further)
        if dual <= before - 1e-4 * length * promised + rounding:
            return further, there
        length /= 2
    return None
