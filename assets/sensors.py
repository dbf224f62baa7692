"""The inbox sensor: new or withdrawn files start the edition's run.

What it logs of the files is what `observatory check` says of them. A refused file starts a run all the same: the run is
what puts columns before a person.
"""

import json
import time

from dagster import (
    DefaultSensorStatus,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from observatory.check import check_edition
from observatory.editions.load import edition_names
from observatory.ingest.watch import inbox_state
from observatory.locations import Locations
from observatory.problems import ProblemsError

QUIET_SECONDS = 20.0
"""A file still being copied changes; a run starts once the inbox has been quiet that long."""


def inbox_sensor(places: Locations, job: str) -> SensorDefinition:
    """Requests one run of an edition each time its inbox has changed since the last look."""

    @sensor(
        name="depots",
        job_name=job,
        minimum_interval_seconds=30,
        default_status=DefaultSensorStatus.STOPPED,
        description="Surveille les dépôts : un fichier ajouté, changé ou retiré relance l'édition",
    )
    def watch(context: SensorEvaluationContext) -> SensorResult | SkipReason:
        known: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
        requests: list[RunRequest] = []
        for edition in edition_names(places.schemas):
            state = inbox_state(places.workspace, edition)
            if state.fingerprint in ("", known.get(edition, "")) or time.time() - state.changed < QUIET_SECONDS:
                continue
            try:
                lines, problems = check_edition(edition, places)
            except ProblemsError as error:
                # The questionnaires can't be read: looked at again until they can.
                context.log.warning("\n".join(problem.render() for problem in error.problems))
                continue
            context.log.info("\n".join([*lines, *(problem.render() for problem in problems)]))
            known[edition] = state.fingerprint
            # No run key: a deposit that comes back to an earlier state is a change all the same.
            requests.append(RunRequest(partition_key=edition))
        if not requests:
            return SkipReason("Aucun changement dans les dépôts.")
        return SensorResult(run_requests=requests, cursor=json.dumps(known, sort_keys=True))

    return watch
