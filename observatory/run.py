"""The yearly run in process: the same graph as on Dagster's pages.

Belongs here: starting the graph for an edition and giving back its refusals. This is the
one module of the library that knows `assets`, and it is imported by the command only
when a run starts.
"""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType

from observatory.locations import Locations
from observatory.problems import ProblemsError
from observatory.progress import Progress
from observatory.publish.helpers import helpers

INSTANCE_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
python_logs:
  python_log_level: INFO
"""


QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The command has its own display; the run's log is kept in the instance all the same."""


def prepare_instance(folder: Path) -> None:
    """Give a workspace its Dagster settings: one run at a time, nothing sent anywhere, standard error left alone.

    Captured in a file and copied from it, standard error would be no terminal, and the running step would not be shown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.is_file() or settings.read_text(encoding="utf-8") != INSTANCE_SETTINGS:
        settings.write_text(INSTANCE_SETTINGS, encoding="utf-8")


@contextmanager
def _history_kept_open(folder: Path, run_id: str) -> Iterator[None]:
    """One idle connection to each database that the run's events go to.

    Dagster opens a database anew for each event. Whenever its last connection closes, SQLite folds its log of writes
    back into the file and waits for the disk: 1,800 waits a run, 800 with a connection that stays.
    """
    with ExitStack() as stack:
        for name in ("runs.db", "runs/index.db", f"runs/{run_id}.db"):
            connection = stack.enter_context(closing(sqlite3.connect(folder / "history" / name)))
            # Only a connection that has read counts as a user of the log.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield


def _load_libraries() -> None:
    """Import the largest libraries, and keep the garbage collector from going through them ever after.

    They stay until the end: looking for garbage in them takes a run more than 1 s, most of it when the process ends.
    Not once DuckDB is loaded: what is set apart is not given back at the end, which it would complain of.
    """
    if "duckdb" in sys.modules:
        return
    gc.disable()
    try:
        import dagster  # noqa: F401
        import pandera.pandas  # noqa: F401 - pandas with it
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _interrupts_kept() -> Iterator[Callable[[], None]]:
    """Gives what stops a run if Ctrl+C was typed while libraries loaded: one of them may have swallowed it."""
    asked: list[int] = []

    def stop() -> None:
        if asked:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # the others are sent no signal
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        if callable(before):
            before(number, frame)
        stop()

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def run_edition(edition: str, places: Locations, progress: Progress) -> None:
    """Run the whole graph for one edition. The caller holds the workspace.

    Raises ProblemsError with what was refused, KeyboardInterrupt at Ctrl+C; everything that was current stays so.
    """
    # The report's helpers come first: they import and warm up on another core during all that goes before it.
    with _interrupts_kept() as stop_if_asked, helpers() as by:
        os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
        _load_libraries()
        from dagster import DagsterExecutionInterruptedError, DagsterInstance, Failure

        from assets.graph import JOB, build_definitions
        from assets.resources import House

        dagster = places.workspace.dagster
        prepare_instance(dagster)
        job = build_definitions(places, House(places, progress, by)).resolve_job_def(JOB)
        run_id = str(uuid.uuid4())
        with DagsterInstance.from_config(str(dagster)) as instance:
            instance.all_logs(run_id)  # makes the run's own database
            try:
                with _history_kept_open(dagster, run_id):
                    stop_if_asked()
                    job.execute_in_process(partition_key=edition, instance=instance, run_config=QUIET, run_id=run_id)
            except Failure as failure:
                if isinstance(failure.__cause__, ProblemsError):
                    raise failure.__cause__ from None
                raise
            except DagsterExecutionInterruptedError:
                raise KeyboardInterrupt from None
