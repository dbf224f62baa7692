"""The yearly run in process: the same graph as on Dagster's pages.

Belongs here: starting the graph for an edition and giving back its refusals. This is the
one module of the library that knows `assets`, and it is imported by the command only
when a run starts.
"""

from __future__ import annotations

import os
from pathlib import Path

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
python_logs:
  python_log_level: INFO
"""


QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The command has its own display; the run's log is kept in the instance all the same."""


def prepare_instance(folder: Path) -> None:
    """Give a workspace its Dagster settings: one run at a time, nothing sent anywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.is_file() or settings.read_text(encoding="utf-8") != INSTANCE_SETTINGS:
        settings.write_text(INSTANCE_SETTINGS, encoding="utf-8")


def run_edition(edition: str, places: Locations, progress: Progress) -> None:
    """Run the whole graph for one edition. The caller holds the workspace.

    Raises ProblemsError with what was refused; everything that was current stays so.
    """
    # The report's helpers come first: they import and warm up on another core during all that goes before it.
    with helpers() as by:
        os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
        from dagster import DagsterInstance, Failure

        from assets.graph import JOB, build_definitions
        from assets.resources import House

        dagster = places.workspace.dagster
        prepare_instance(dagster)
        job = build_definitions(places, House(places, progress, by)).resolve_job_def(JOB)
        with DagsterInstance.from_config(str(dagster)) as instance:
            try:
                job.execute_in_process(partition_key=edition, instance=instance, run_config=QUIET)
            except Failure as failure:
                if isinstance(failure.__cause__, ProblemsError):
                    raise failure.__cause__ from None
                raise
