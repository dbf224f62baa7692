"""The inbox sensor: new or withdrawn files start the edition's run."""

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

from observatory.editions.load import edition_names
from observatory.ingest.watch import inbox_state
from observatory.locations import Locations

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
            known[edition] = state.fingerprint
            # No run key: a deposit that comes back to an earlier state is a change all the same.
            requests.append(RunRequest(partition_key=edition))
        if not requests:
            return SkipReason("Aucun changement dans les dépôts.")
        return SensorResult(run_requests=requests, cursor=json.dumps(known, sort_keys=True))

    return watch
