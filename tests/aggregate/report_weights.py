"""Each reference case of weights and what became of it: equal, different by definition (why), not offered (why).

python -m tests.aggregate.report_weights
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from observatory.aggregate.weights import calibrate, nonresponse
from tests.aggregate.reference_weights import (
    APART,
    CASES,
    RAKE_DEFAULT,
    RELATIVE,
    RESPONSES,
    SHARED,
    Case,
    Response,
)


@dataclass(frozen=True)
class Line:
    name: str
    source: str
    verdict: str
    detail: str
    good: bool


def compared(case: Case) -> Line:
    """Equal within RELATIVE, or within half the last decimal where the reference prints few."""
    frame, reference, margins = case.read()
    ours = calibrate(frame, margins, weight="weight", method=case.method, bounds=case.bounds).weights.to_numpy()
    expected = reference.to_numpy()
    relative = float(np.max(np.abs(ours - expected) / np.abs(expected)))
    if case.decimals is None:
        good, detail = relative <= RELATIVE, f"largest relative difference {relative:.1e}"
    else:
        absolute = float(np.max(np.abs(ours - expected)))
        good = absolute <= 0.5 * 10.0**-case.decimals * (1 + RELATIVE)
        detail = f"all {case.decimals} decimals printed, largest difference {absolute:.1e}"
    return Line(case.name, case.source, "equal" if good else "DIFFERENT", f"{len(ours)} weights, {detail}", good)


def stopped_early() -> Line:
    """R's `rake` by default stops once no count moves by 1: its weights miss their own margins, ours do not."""
    frame, reference, margins = RAKE_DEFAULT.read()
    ours = calibrate(frame, margins, weight="weight", method="raking").weights
    relative = float((abs(ours - reference) / reference).max())
    missed = max(
        abs(float(reference[frame[name] == category].sum()) / count - 1)
        for name, known in margins.counts.items()
        for category, count in known.items()
    )
    good = RELATIVE < relative <= 2 * missed
    detail = f"it stops at 1 unit and misses its margins by {missed:.1e}; weights differ by {relative:.1e}"
    verdict = "different by definition" if good else "DIFFERENT"
    return Line(RAKE_DEFAULT.name, RAKE_DEFAULT.source, verdict, detail, good)


def responded(case: Response) -> Line:
    frame, population, reference = case.read()
    ours = nonresponse(frame, case.stratum, population)
    relative = float((abs(ours - reference) / reference).max())
    good = relative <= RELATIVE
    detail = f"{len(ours)} weights, largest relative difference {relative:.1e}"
    return Line(case.name, case.source, "equal" if good else "DIFFERENT", detail, good)


def lines() -> list[Line]:
    return [
        *map(responded, RESPONSES),
        *map(compared, CASES),
        stopped_early(),
        *(Line(case.name, case.source, case.verdict, case.reason, True) for case in APART),
    ]


def main() -> int:
    if not SHARED.is_dir():
        sys.exit("the shared reference data are not beside this checkout")
    found = lines()
    for line in found:
        print(f"{line.name} ({line.source}): {line.verdict}\n    {line.detail}")
    return int(not all(line.good for line in found))


if __name__ == "__main__":
    sys.exit(main())
