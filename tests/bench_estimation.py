"""The time of estimates with their standard errors, beside R's `survey` where it is installed.

    python -m tests.bench_estimation [ROUNDS]

Two tables: 10 obstacles in 13 domains of 1,000 answers, and 60 indicators in 20 domains of 1,000,000. The first is
compared with R's quickest way (svyby, without intervals); imports and reading are left out. Ours and R's take turns, so
that other work on the machine is not to favour one of the two; the shortest time of each counts, as such work can only
lengthen them, and the medians are printed too. The second runs in a process of its own, whose peak memory is printed.

Beside them, without a bar: what a year's run asks for, 400 indicators in 10 domains of 350 answers.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from observatory.aggregate.estimation import Design, estimate

DESIGN = Design(weight="weight", stratum="stratum", population="population")
FASTER, SECONDS, MEMORY = 5.0, 60.0, 4096.0
TURNS = 3
MISSING = "  not compared with R, whose survey is missing: apt-get install r-base-core r-cran-survey"

R = """
if (!requireNamespace("survey", quietly = TRUE)) quit(status = 3)
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
answers <- read.csv(arguments[1])
design <- svydesign(id = ~1, strata = ~stratum, weights = ~weight, fpc = ~population, data = answers)
variables <- as.formula(paste("~", paste0("y", 0:9, collapse = "+")))
alone <- function() svyby(variables, ~domain, design, svymean)
intervals <- function() for (g in unique(answers$domain)) { d <- subset(design, domain == g)
  for (i in 0:9) svyciprop(as.formula(paste0("~y", i)), d, method = "beta") }
seconds <- function(f, rounds) sapply(seq_len(rounds), function(i) system.time(f())[["elapsed"]])
cat(seconds(alone, as.integer(arguments[2])), "\n")
cat(seconds(intervals, 1), "\n")
write.csv(alone(), arguments[3], row.names = FALSE)
"""


def answers(rows: int, variables: int, domains: int, strata: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": "2", "memory_limit": "3GB"})
    columns = ", ".join(
        f"CAST(hash(i, {v}) % 1000 < {(v * 37) % 900 + 50} AS INTEGER) AS y{v}" for v in range(variables)
    )
    connection.execute(
        f"CREATE TABLE answers AS SELECT {columns}, hash(i, 'd') % {domains} AS domain, "
        f"hash(i, 's') % {strata} AS stratum, 1.5 + stratum AS weight FROM range({rows}) AS r(i)"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE answers AS SELECT *, count(*) OVER (PARTITION BY stratum) * weight AS population "
        "FROM answers"
    )
    return connection


def times(rounds: int, work: Callable[[], object]) -> list[float]:
    def once() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return [once() for _ in range(rounds)]


def told(seconds: list[float]) -> str:
    return f"{1000 * min(seconds):.1f} ms (median {1000 * statistics.median(seconds):.1f})"


def barometer(rounds: int) -> bool:
    connection = answers(1_000, 10, 13, 6)
    variables = [f"y{v}" for v in range(10)]

    def once() -> object:
        return estimate(connection, "answers", DESIGN, "proportion", variables, by="domain")

    with tempfile.TemporaryDirectory() as folder:
        data, script, result = (Path(folder) / name for name in ("answers.csv", "time.R", "result.csv"))
        connection.execute(f"COPY answers TO '{data}' (HEADER)")
        script.write_text(R, encoding="utf-8")
        once()
        ours, theirs, intervals = times(rounds, once), list[float](), list[float]()
        for _ in range(TURNS):
            found = _of_r([str(script), str(data), str(rounds), str(result)])
            if found is None:
                break
            theirs, intervals = theirs + found[0], intervals + found[1]
            ours += times(rounds, once)
        print(f"10 obstacles × 13 domains, 1,000 answers: {told(ours)}, with intervals")
        if not theirs:
            print(MISSING)
            return True
        _same(connection, variables, result)
    faster = min(theirs) / min(ours)
    median = statistics.median(theirs) / statistics.median(ours)
    print(f"  R's svyby(svymean), without intervals: {told(theirs)}, {faster:.1f} times ours (medians {median:.1f})")
    print(f"  R's svyciprop(beta) for each cell: {told(intervals)}, {min(intervals) / min(ours):.1f} times ours")
    return faster >= FASTER


def _of_r(arguments: list[str]) -> tuple[list[float], list[float]] | None:
    """The seconds of R's two ways; None where it or its package is missing."""
    if shutil.which("Rscript") is None:
        return None
    done = subprocess.run(["Rscript", "--vanilla", *arguments], capture_output=True, text=True)
    if done.returncode == 3:
        return None
    if done.returncode:
        sys.exit(done.stderr)
    alone, intervals = ([float(value) for value in line.split()] for line in done.stdout.splitlines()[:2])
    return alone, intervals


def year(rounds: int) -> None:
    connection = answers(350, 400, 10, 5)
    for count in (400, 8):
        work = partial(
            estimate, connection, "answers", DESIGN, "proportion", [f"y{v}" for v in range(count)], by="domain"
        )
        seconds = times(rounds, work)
        print(f"{count} indicators × 10 domains, 350 answers to 400 questions: {told(seconds)}")


def _same(connection: duckdb.DuckDBPyConnection, variables: list[str], result: Path) -> None:
    """The two that are compared give the same figures."""
    ours = estimate(connection, "answers", DESIGN, "proportion", variables, by="domain")
    theirs = connection.execute(f"FROM read_csv('{result}')").df().set_index("domain")
    for row in ours.itertuples():
        value, se = theirs.loc[row.domain, row.variable], theirs.loc[row.domain, f"se.{row.variable}"]
        assert abs(row.value - value) <= 1e-6 * abs(value) and abs(row.se - se) <= 1e-6 * se, row


def million() -> bool:
    connection = answers(1_000_000, 60, 20, 40)
    variables = [f"y{v}" for v in range(60)]
    (seconds,) = times(1, lambda: estimate(connection, "answers", DESIGN, "proportion", variables, by="domain"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"60 indicators × 20 domains, 1,000,000 answers: {seconds:.1f} s, {peak:.0f} MB, the table made among them")
    return seconds <= SECONDS and peak <= MEMORY


def main() -> None:
    if sys.argv[1:] == ["million"]:
        sys.exit(not million())
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    fast = barometer(rounds)
    year(rounds)
    sys.stdout.flush()
    large = subprocess.run([sys.executable, "-m", "tests.bench_estimation", "million"]).returncode == 0
    for met, bar in ((fast, f"at least {FASTER:.0f} times faster than R"), (large, "60 s and 4 GB")):
        print(f"{'met' if met else 'MISSED':<8}{bar}")
    sys.exit(not (fast and large))


if __name__ == "__main__":
    main()
