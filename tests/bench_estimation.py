"""The time of estimates with their standard errors, beside R's `survey` where it is installed.

    python -m tests.bench_estimation [ROUNDS]

Two tables: 10 obstacles in 13 domains of 1,000 answers, and 60 indicators in 20 domains of 1,000,000. The first is
compared with R's quickest way (svyby, without intervals); the best of the rounds counts, imports and reading left out.
The second runs in a process of its own, whose peak memory is printed.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from observatory.aggregate.estimation import Design, estimate

DESIGN = Design(weight="weight", stratum="stratum", population="population")
FASTER, SECONDS, MEMORY = 5.0, 60.0, 4096.0

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
seconds <- function(f, rounds) min(sapply(seq_len(rounds), function(i) system.time(f())[["elapsed"]]))
rounds <- as.integer(arguments[2])
cat(seconds(alone, rounds), seconds(intervals, 1), "\n")
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


def best(rounds: int, work: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return min(once() for _ in range(rounds))


def barometer(rounds: int) -> bool:
    connection = answers(1_000, 10, 13, 6)
    variables = [f"y{v}" for v in range(10)]

    def once() -> object:
        return estimate(connection, "answers", DESIGN, "proportion", variables, by="domain")

    ours = best(rounds, once)
    if shutil.which("Rscript") is None:
        print(f"10 obstacles × 13 domains, 1,000 answers: {1000 * ours:.1f} ms, with intervals")
        print("  R is not installed: nothing to compare with")
        return True
    with tempfile.TemporaryDirectory() as folder:
        data, script, result = (Path(folder) / name for name in ("answers.csv", "time.R", "result.csv"))
        connection.execute(f"COPY answers TO '{data}' (HEADER)")
        script.write_text(R, encoding="utf-8")
        told = subprocess.run(
            ["Rscript", "--vanilla", str(script), str(data), str(rounds), str(result)], capture_output=True, text=True
        )
        if told.returncode == 3:
            print("  R's survey is not installed: nothing to compare with")
            return True
        if told.returncode:
            sys.exit(told.stderr)
        theirs, intervals = (float(value) for value in told.stdout.split()[:2])
        _same(connection, variables, result)
    ours = min(ours, best(rounds, once))  # before and after: other work on the machine is not to favour one of the two
    print(f"10 obstacles × 13 domains, 1,000 answers: {1000 * ours:.1f} ms, with intervals")
    print(f"  R's svyby(svymean), without intervals: {1000 * theirs:.1f} ms, {theirs / ours:.1f} times ours")
    print(f"  R's svyciprop(beta) for each cell: {1000 * intervals:.1f} ms, {intervals / ours:.1f} times ours")
    return theirs / ours >= FASTER


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
    seconds = best(1, lambda: estimate(connection, "answers", DESIGN, "proportion", variables, by="domain"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"60 indicators × 20 domains, 1,000,000 answers: {seconds:.1f} s, {peak:.0f} MB, the table made among them")
    return seconds <= SECONDS and peak <= MEMORY


def main() -> None:
    if sys.argv[1:] == ["million"]:
        sys.exit(not million())
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    fast = barometer(rounds)
    sys.stdout.flush()
    large = subprocess.run([sys.executable, "-m", "tests.bench_estimation", "million"]).returncode == 0
    for met, bar in ((fast, f"at least {FASTER:.0f} times faster than R"), (large, "60 s and 4 GB")):
        print(f"{'met' if met else 'MISSED':<8}{bar}")
    sys.exit(not (fast and large))


if __name__ == "__main__":
    main()
