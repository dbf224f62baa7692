"""The time of reading one large LimeSurvey export beside what DuckDB takes for the same file; part of `make bench`.

    python -m tests.bench_ingest [ANSWERS ...]

Two floors are measured in the same round: DuckDB's `read_csv` with all columns as text into a table of a database file,
where an import must put its answers too, and into a table in memory, which the bar is for. The answers are those of the
simulated wave, repeated under other ids, SIRENs and addresses.
"""

from __future__ import annotations

import csv
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stdnum import luhn

from observatory.editions.load import edition_names

ROOT = Path(__file__).parents[1]
COLUMNS, BAR_RATIO, BAR_MEMORY = 60, 4.0, 3000
ROUNDS = 3
AUDIENCE = "startup"

FLOOR = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[2])
connection.execute("SET enable_progress_bar = false")
start = time.perf_counter()
connection.execute(f"CREATE TABLE answers AS SELECT * FROM read_csv('{sys.argv[1]}', all_varchar = true)")
print(time.perf_counter() - start)
"""
INGEST = """
import resource, sys, time
from pathlib import Path
from observatory.editions.load import load_edition
from observatory.ingest.step import ingest
from observatory.progress import Progress
from observatory.workspace import Workspace
edition, workspace = load_edition(Path("survey_schemas"), sys.argv[2]), Workspace(Path(sys.argv[1]))
start = time.perf_counter()
ingested = ingest(edition, sys.argv[3], workspace, Progress())
print(time.perf_counter() - start, ingested.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write_export(source: Path, target: Path, answers: int) -> None:
    """A LimeSurvey export of that many answers and COLUMNS columns, made from a simulated one."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = [row for row in csv.reader(stream, delimiter=";") if row]
    kept = _kept(header)
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow([header[position] for position in kept])
        for number in range(answers):
            row = dict(zip(header, rows[number % len(rows)], strict=True))
            digits = f"{10_000_000 + number}"
            row |= {"id": str(number + 1), "siren": digits + luhn.calc_check_digit(digits)}
            row |= {"contact_email": f"contact{number}@exemple.fr"}
            writer.writerow([row[header[position]] for position in kept])


def _kept(header: list[str]) -> list[int]:
    """COLUMNS columns: all but the last options of questions with several answers."""
    dropped: set[int] = set()
    for position in reversed(range(len(header))):
        if len(header) - len(dropped) > COLUMNS and "[" in header[position] and not header[position].startswith("obst"):
            dropped.add(position)
    return [position for position in range(len(header)) if position not in dropped]


def measured(program: str, *arguments: str) -> Iterator[float]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    yield from map(float, done.stdout.split())


def main(sizes: list[int]) -> int:
    edition = edition_names(ROOT / "survey_schemas")[-1]
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        example = Path(folder) / "example"
        command = [sys.executable, "-m", "observatory.cli", "simulate", edition, "--workspace", str(example)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        (source,) = (example / "inbox" / edition / AUDIENCE).glob("*limesurvey.csv")
        for size in sizes:
            workspace = Path(folder) / str(size)
            inbox = workspace / "inbox" / edition / AUDIENCE
            inbox.mkdir(parents=True)
            (workspace / "settings.yaml").write_text("simulated: true\n", encoding="utf-8")
            write_export(source, inbox / "export.csv", size)
            floor_file = Path(folder) / "floor.duckdb"
            ratios, beside_memory, memories, seconds = [], [], [], []
            for _ in range(ROUNDS if size <= 200_000 else 1):
                floor_file.unlink(missing_ok=True)
                (on_disk,) = measured(FLOOR, str(inbox / "export.csv"), str(floor_file))
                (in_memory,) = measured(FLOOR, str(inbox / "export.csv"), ":memory:")
                own, rows, memory = measured(INGEST, str(workspace), edition, AUDIENCE)
                assert rows == size
                ratios.append(own / on_disk)
                beside_memory.append(own / in_memory)
                memories.append(memory)
                seconds.append(own)
            ratio, strict = statistics.median(ratios), statistics.median(beside_memory)
            bar = f" (bar {BAR_RATIO:.0f})" if size == sizes[0] else ""
            print(
                f"ingest {size} answers x {COLUMNS} columns: {statistics.median(seconds):.1f} s, "
                f"{ratio:.2f} times DuckDB's read_csv into a database file, {strict:.2f} times into memory{bar}; "
                f"peak memory {max(memories):.0f} MB (bar {BAR_MEMORY})"
            )
            missed |= (size == sizes[0] and strict > BAR_RATIO) or max(memories) > BAR_MEMORY
    return int(missed)


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [100_000, 1_000_000]))
