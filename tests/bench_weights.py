"""The time of a calibration of 100,000 rows on 5 margins beside that of R `survey`'s `calibrate`.

    python -m tests.bench_weights [ROWS]

R has the same data and must give the same weights; it times its own calls, on factors in memory. Ours is timed on the
same, and on texts, as a validated table gives them. Of several rounds the shortest counts, on both sides. The bar is on
raking, the default; linear is one system to solve, for R too.

The floor is what numpy alone takes to read the texts and to add up the weights in each category, and pair of
categories, once an iteration. Needs Rscript with survey (Debian: r-cran-survey, r-cran-mass); without it ours is
printed alone.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from observatory.aggregate.calibration import Bounds, Method
from observatory.aggregate.weights import Calibration, Margins, calibrate

BAR = 20
ROUNDS_OURS, ROUNDS_R = 9, 3
CATEGORIES = {"size": 5, "sector": 20, "region": 13, "kind": 6, "age": 4}
METHODS: dict[Method, Bounds | None] = {"raking": None, "linear": None, "logit": (0.3, 3.0)}

R_CODE = """
if (!requireNamespace("survey", quietly = TRUE) || !requireNamespace("MASS", quietly = TRUE)) quit(status = 3)
suppressPackageStartupMessages(library(survey))
given <- commandArgs(TRUE)
frame <- read.csv(given[1], stringsAsFactors = TRUE)
known <- read.csv(given[2], stringsAsFactors = FALSE)
names <- setdiff(colnames(frame), "weight")
population <- c(`(Intercept)` = sum(known$count[known$margin == names[1]]))
for (name in names) {
  rows <- known[known$margin == name, ][-1, ]
  population <- c(population, setNames(rows$count, paste0(name, rows$category)))
}
formula <- as.formula(paste("~", paste(names, collapse = " + ")))
design <- svydesign(id = ~1, weights = ~weight, data = frame)
options <- list(raking = list(), linear = list(), logit = list(bounds = c(0.3, 3)))
for (method in names(options)) for (round in 1:as.integer(given[3])) {
  seconds <- system.time(done <- do.call(calibrate, c(
    list(design, formula, population, calfun = method, epsilon = 1e-10, maxit = 200), options[[method]])))
  cat("time", method, seconds[["elapsed"]], "\\n")
  if (round == 1) write.table(weights(done), paste0(given[4], "/", method), row.names = FALSE, col.names = FALSE)
}
"""


def drawn(rows: int) -> tuple[pd.DataFrame, Margins]:
    random = np.random.default_rng(20251122)
    frame = pd.DataFrame(
        {
            name: pd.Series(random.choice([f"{name}{place:02}" for place in range(count)], rows), dtype="str")
            for name, count in CATEGORIES.items()
        }
    )
    frame["weight"] = random.uniform(2, 20, rows)
    other = frame["weight"] * random.uniform(0.6, 1.6, rows) * np.where(frame["size"] == "size00", 1.3, 1)
    return frame, Margins({name: other.groupby(frame[name]).sum().to_dict() for name in CATEGORIES})


def least_time(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def floor(frame: pd.DataFrame, margins: Margins, iterations: int) -> float:
    weights = frame["weight"].to_numpy()

    def work() -> None:
        codes = [pd.factorize(frame[name])[0] for name in margins.counts]
        sizes = [len(known) for known in margins.counts.values()]
        for _ in range(iterations):
            for code, size in zip(codes, sizes, strict=True):
                np.bincount(code, weights, minlength=size)
            for first, second in combinations(range(len(codes)), 2):
                cells = codes[first] * sizes[second] + codes[second]
                np.bincount(cells, weights, minlength=sizes[first] * sizes[second])

    return least_time(work, ROUNDS_OURS)


def of_r(frame: pd.DataFrame, margins: Margins) -> tuple[dict[str, float], dict[str, pd.Series[float]]]:
    """Seconds and weights of R's calibrate by method; empty where R or its package is missing."""
    if shutil.which("Rscript") is None:
        return {}, {}
    with tempfile.TemporaryDirectory() as folder:
        data, known = Path(folder) / "frame.csv", Path(folder) / "margins.csv"
        frame.to_csv(data, index=False)
        rows = [
            (n, category, count) for n, counts in margins.counts.items() for category, count in sorted(counts.items())
        ]
        pd.DataFrame(rows, columns=["margin", "category", "count"]).to_csv(known, index=False)
        script = Path(folder) / "calibrate.R"
        script.write_text(R_CODE, encoding="utf-8")
        command = ["Rscript", str(script), str(data), str(known), str(ROUNDS_R), folder]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 3:
            return {}, {}
        if done.returncode:
            sys.exit(done.stderr)
        times: dict[str, list[float]] = {}
        for line in done.stdout.splitlines():
            if line.startswith("time "):
                _, method, seconds = line.split()
                times.setdefault(method, []).append(float(seconds))
        weights = {method: pd.read_csv(Path(folder) / method, header=None)[0] for method in times}
        return {method: min(found) for method, found in times.items()}, weights


def main(rows: int) -> int:
    texts, margins = drawn(rows)
    factors = texts.astype(dict.fromkeys(CATEGORIES, "category"))
    theirs, their_weights = of_r(texts, margins)
    failed = False
    print(f"{rows} rows, {len(CATEGORIES)} margins, {sum(CATEGORIES.values())} categories")
    for method, bounds in METHODS.items():

        def ours(given: pd.DataFrame, method: Method = method, bounds: Bounds | None = bounds) -> Calibration:
            return calibrate(given, margins, weight="weight", method=method, bounds=bounds)

        found = ours(texts)
        from_texts, from_factors = (
            least_time(lambda given=given, ours=ours: ours(given), ROUNDS_OURS) for given in (texts, factors)
        )
        least = floor(texts, margins, found.iterations + 1)
        print(
            f"{method}: {found.iterations} iterations; {from_texts:.4f} s from texts, {from_factors:.4f} s from factors"
        )
        print(f"    floor {least:.4f} s: {from_texts / least:.1f} times")
        if method in theirs:
            apart = float((abs(found.weights - their_weights[method]) / their_weights[method]).max())
            ratio = theirs[method] / from_factors
            failed = failed or (method == "raking" and ratio < BAR) or apart > 1e-6
            of_texts = theirs[method] / from_texts
            print(f"    R {theirs[method]:.2f} s: {ratio:.0f} times ours (bar {BAR}); {of_texts:.0f} from texts")
            print(f"    largest relative difference of weights {apart:.0e}")
    if not theirs:
        print("not compared with R, whose survey is missing: apt-get install r-base-core r-cran-survey r-cran-mass")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
