"""The exact coverage of the default interval of a proportion, in samples drawn from small strata.

    python -m tests.aggregate.coverage

For every sample size, true share and fraction of the stratum that answers, the chance that the interval holds the true
share: over all numbers of "yes" that a sample may have, binomial where the stratum has no end, hypergeometric else.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from observatory.aggregate.intervals import interval

SIZES = (8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200)
SHARES = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FRACTIONS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def chances(n: int, population: int | None, yes: float) -> np.ndarray:
    """Of 0 to n "yes" among n drawn; `yes` is a share, or a number of the population."""
    if population is None:
        logs = [_choose(n, k) + k * math.log(yes) + (n - k) * math.log1p(-yes) for k in range(n + 1)]
        return np.exp(logs)
    count = int(yes)
    possible = [k <= count and n - k <= population - count for k in range(n + 1)]
    logs = [
        _choose(count, k) + _choose(population - count, n - k) - _choose(population, n) if can else -math.inf
        for k, can in enumerate(possible)
    ]
    return np.exp(logs)


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def coverage(n: int, share: float, fraction: float, level: float = 0.95) -> tuple[float, float]:
    """The true share, which a finite stratum rounds, and the chance that the interval holds it."""
    population = round(n / fraction) if fraction else None
    yes = share if population is None else max(1, round(share * population))
    truth = share if population is None else yes / population
    k = np.arange(n + 1, dtype=float)
    size = np.full(n + 1, (n - 1) / (1 - (n / population if population else 0.0)))
    count = np.full(n + 1, float(n))
    low, high = interval("fixed", k / n, np.zeros(n + 1), count, size, count - 1, level)
    held = (low <= truth + 1e-12) & (truth <= high + 1e-12)
    return truth, float(chances(n, population, yes)[held].sum())


def grid(
    sizes: Iterable[int] = SIZES, shares: Iterable[float] = SHARES, fractions: Iterable[float] = FRACTIONS
) -> pd.DataFrame:
    """One row a point: n, share, fraction, truth, coverage. A share that rounds to the same truth counts once."""
    rows = [
        (n, share, fraction, *coverage(n, share, fraction)) for n in sizes for fraction in fractions for share in shares
    ]
    frame = pd.DataFrame(rows, columns=["n", "share", "fraction", "truth", "coverage"])
    return frame.drop_duplicates(["n", "fraction", "truth"], ignore_index=True)


def verdict(frame: pd.DataFrame) -> dict[str, bool]:
    """The bars, and whether they are met."""
    enough = frame[frame["n"] >= 12]["coverage"]
    return {
        "mean between 93 and 97 %": bool(0.93 <= frame["coverage"].mean() <= 0.97),
        "at most 1 % of the points under 90 %": bool((frame["coverage"] < 0.90).mean() <= 0.01),
        "none under 87 % from n = 12 on": bool(enough.min() >= 0.87),
    }


def main() -> None:
    frame = grid()
    table = frame.pivot_table(index="n", columns="fraction", values="coverage", aggfunc=["mean", "min"])
    print(table.map(lambda value: f"{100 * value:.1f}").to_string())
    low = frame[frame["coverage"] < 0.90].sort_values("coverage")
    print(f"\n{len(frame)} points, mean {100 * frame['coverage'].mean():.2f} %, {len(low)} under 90 %:")
    print(low.to_string(index=False))
    print(f"n = 15 of 25, p = 0.2: {100 * coverage(15, 0.2, 0.6)[1]:.2f} %")
    bars = verdict(frame)
    print("\n".join(f"{'met' if met else 'MISSED':<8}{bar}" for bar, met in bars.items()))
    counted = Counter(bars.values())
    sys.exit(1 if counted[False] else 0)


if __name__ == "__main__":
    main()
