"""Publish: the report of the figures, then the act that makes both current."""

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    PartitionsDefinition,
    ResourceParam,
    asset,
)

from assets.reporting import image, problems_as_failure
from assets.resources import House
from observatory.publish.step import build_outputs, publish_outputs


def publish_assets(partitions: PartitionsDefinition[str]) -> list[AssetsDefinition]:
    """The assets that turn figures into the barometer."""

    @asset(
        group_name="publish",
        partitions_def=partitions,
        deps=["figures"],
        kinds={"pdf"},
        description="Le baromètre (PDF et HTML), construit à côté de celui que tout le monde voit",
    )
    def barometer(context: AssetExecutionContext, house: ResourceParam[House]) -> MaterializeResult[None]:
        edition = house.edition(context.partition_key)
        places = house.places
        with problems_as_failure(), house.progress.step("Baromètre : graphiques, pages, PDF"):
            report = build_outputs(
                edition, places.schemas, places.reports, places.workspace, house.progress, house.helpers
            )
        chart = {"première figure": image(report.preview, "Première figure")} if report.preview else {}
        return MaterializeResult(metadata={"pages": report.pages, "figures": report.figures, **chart})

    @asset(
        group_name="publish",
        partitions_def=partitions,
        deps=[barometer],
        description="Chiffres et fichiers deviennent ceux de l'édition, d'un seul geste",
    )
    def current_edition(context: AssetExecutionContext, house: ResourceParam[House]) -> MaterializeResult[None]:
        edition = house.edition(context.partition_key)
        with problems_as_failure(), house.progress.step("Mise à disposition"):
            folder = publish_outputs(edition, house.places.workspace, house.progress)
        return MaterializeResult(metadata={"dossier": MetadataValue.text(f"output/{folder.name}")})

    return [barometer, current_edition]
