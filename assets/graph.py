"""The graph.

Belongs here: putting partitions, assets, jobs, sensors and resources together. Does not belong here: a graph over
certain places (definitions.py).
"""

from __future__ import annotations

from dagster import AssetSelection, Definitions, define_asset_job, in_process_executor

from assets.aggregate import aggregate_assets
from assets.ingest import raw_answers
from assets.partitions import edition_partitions
from assets.publish import publish_assets
from assets.resources import House, house_resource
from assets.sensors import inbox_sensor
from assets.validate import validated_answers
from observatory.editions.model import Audience
from observatory.locations import Locations

JOB = "barometre"
LABELS: dict[Audience, str] = {"startup": "start-up", "buyer": "acheteurs"}


def build_definitions(places: Locations, house: House | None = None) -> Definitions:
    """The graph over those places; `house` replaces the resource when the caller already holds the workspace."""
    partitions = edition_partitions(places.schemas)
    assets = [raw_answers(audience, label, partitions) for audience, label in LABELS.items()]
    assets += [validated_answers(audience, label, partitions) for audience, label in LABELS.items()]
    assets += aggregate_assets(partitions, [f"{audience}_validated" for audience in LABELS])
    assets += publish_assets(partitions)
    job = define_asset_job(
        JOB,
        AssetSelection.all(),
        description="L'année, des dépôts au baromètre",
        executor_def=in_process_executor,
    )
    return Definitions(
        assets=assets,
        jobs=[job],
        sensors=[inbox_sensor(places, JOB)],
        resources={"house": house if house is not None else house_resource(places)},
        executor=in_process_executor,
    )
