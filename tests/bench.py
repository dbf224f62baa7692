"""`make bench`: the time of each stage of a run beside the least it can take.

    python -m tests.bench [ROUNDS]

The floors are measured in the same round as the run, each in a process of its own, one after the other. Ratios, not
seconds, are to be compared. Memory is that of the command and its helpers together.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
BAR_RUN, BAR_MEMORY, BAR_HELP = 1.5, 600, 0.3

# Every package of others that a run loads, those that Dagster, pandera and sqlglot load at first use among them.
IMPORTS = (
    *("alembic.command", "babel.dates", "babel.numbers", "click", "dagster", "dotenv", "duckdb", "jinja2"),
    *("markdown_it", "pandas", "pandera.backends.pandas.container", "pandera.pandas", "pydantic", "python_calamine"),
    *(
        "rapidfuzz",
        "scipy.special",
        "sqlalchemy",
        "sqlglot.dialects.duckdb",
        "stdnum.fr.siret",
        "structlog",
        "tqdm",
        "upath",
    ),
    *("vl_convert", "watchdog.observers", "weasyprint", "xlsxwriter", "yaml"),
)
FLOOR_NAMES = {
    "imports": "every package of others that a run loads, in one process",
    "graphiques": "every chart of the report drawn anew, in one process, imports left out",
    "mise en pages": "WeasyPrint alone on the run's own HTML with the same settings, imports left out",
}

FLOORS = """
import sys, time
from pathlib import Path
from observatory.editions.load import load_edition
from observatory.publish.floors import charts_cold, pdf_alone
from observatory.publish.step import gather
from observatory.workspace import Workspace
workspace, edition = Workspace(Path(sys.argv[1])), sys.argv[2]
loaded = load_edition(Path("survey_schemas"), edition)
if sys.argv[3] == "charts":
    import vl_convert
    print(charts_cold(gather(loaded, Path("survey_schemas"), Path("reports"), workspace))[0])
else:
    html = workspace.output(edition) / f"barometre-{edition}.html"
    print(pdf_alone(html, workspace.root / "floor.pdf"))
"""


def timed(*arguments: str) -> tuple[float, float, str]:
    """Wall seconds, peak MB of all its processes together and standard error of one command."""
    started = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max(peak[0], resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, said = process.communicate()
    wall = time.perf_counter() - started
    ended.set()
    watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(arguments)}\n{said}")
    return wall, peak[0], said


def resident(pid: int) -> float:
    """MB that a process and its descendants hold now; what they share counts for each."""
    folder = Path("/proc") / str(pid)
    try:
        pages = int((folder / "statm").read_text().split()[1])
        children = [int(child) for file in folder.glob("task/*/children") for child in file.read_text().split()]
    except (OSError, IndexError):
        return 0.0  # it has just ended
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(map(resident, children))


def floor(workspace: Path, edition: str, part: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", FLOORS, str(workspace), edition, part],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def stages(said: str) -> dict[str, float]:
    """The seconds that a run printed for each step, and those of the report's parts."""
    found = {
        name.strip(): _seconds(value) for name, value in re.findall(r"✓ (.{42}).*\(([\d,]+) s\)$", said, flags=re.M)
    }
    for name, value in re.findall(r"(graphiques|mise en pages) en ([\d,]+) s", said):
        found[name] = _seconds(value)
    return found


def _seconds(text: str) -> float:
    return float(text.replace(",", "."))


def main(rounds: int) -> int:
    editions = sorted(
        folder.name for folder in (ROOT / "survey_schemas").iterdir() if (folder / "edition.yaml").is_file()
    )
    edition, command = editions[-1], (sys.executable, "-m", "observatory.cli")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        place = ("--workspace", str(workspace))
        timed(*command, "simulate", *editions[-2:], *place)
        timed(*command, "run", *editions[-2:], *place)
        runs, floors, memories, kept = [], [], [], []
        for _ in range(rounds):
            shutil.rmtree(workspace / ".cache", ignore_errors=True)
            wall, memory, said = timed(*command, "run", edition, *place)
            least = {
                "imports": timed(sys.executable, "-c", f"import {', '.join(IMPORTS)}")[0],
                "graphiques": floor(workspace, edition, "charts"),
                "mise en pages": floor(workspace, edition, "pdf"),
            }
            runs.append((wall, stages(said)))
            floors.append(least)
            memories.append(memory)
            kept.append(timed(*command, "run", edition, *place)[0])
        helps = [timed(*command, "--help")[0] for _ in range(5)]
    _print(edition, runs, floors)
    ratio = statistics.median(wall / sum(least.values()) for (wall, _), least in zip(runs, floors, strict=True))
    again = statistics.median(wall / sum(least.values()) for wall, least in zip(kept, floors, strict=True))
    print(f"run {edition}, charts drawn anew: {ratio:.2f} times its floors (bar {BAR_RUN})")
    print(f"run {edition}, charts kept: {again:.2f} times its floors")
    print(f"peak memory: {max(memories):.0f} MB (bar {BAR_MEMORY})")
    print(f"observatory --help: {statistics.median(helps):.2f} s (bar {BAR_HELP})")
    return int(ratio > BAR_RUN or max(memories) > BAR_MEMORY or statistics.median(helps) > BAR_HELP)


def _print(edition: str, runs: list[tuple[float, dict[str, float]]], floors: list[dict[str, float]]) -> None:
    table = Table("stage", "run (s)", "floor (s)", "ratio", title=f"observatory run {edition}, medians of {len(runs)}")
    for name in runs[0][1]:
        own = statistics.median(found[name] for _, found in runs)
        least = statistics.median(one[name] for one in floors) if name in floors[0] else None
        table.add_row(
            name, f"{own:.1f}", "" if least is None else f"{least:.1f}", "" if not least else f"{own / least:.2f}"
        )
    table.add_row("imports", "", f"{statistics.median(one['imports'] for one in floors):.1f}", "")
    whole, least = statistics.median(wall for wall, _ in runs), statistics.median(sum(one.values()) for one in floors)
    table.add_row("whole command", f"{whole:.1f}", f"{least:.1f}", f"{whole / least:.2f}")
    Console().print(table)
    for name, meaning in FLOOR_NAMES.items():
        print(f"floor, {name}: {meaning}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
