"""Aggregate: shares, volumes, then the one table of figures."""

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    MaterializeResult,
    PartitionsDefinition,
    ResourceParam,
    asset,
)

from assets.reporting import frame_table, problems_as_failure, shape
from assets.resources import House
from observatory.aggregate.step import measure_shares, measure_volumes, publish_figures


def aggregate_assets(partitions: PartitionsDefinition[str], validated: list[str]) -> list[AssetsDefinition]:
    """The assets that turn validated answers into figures."""

    @asset(
        group_name="aggregate",
        partitions_def=partitions,
        deps=validated,
        kinds={"duckdb"},
        description="Freins, tranches, satisfaction, intentions : parts et effectifs, ensemble et par strate",
    )
    def shares(context: AssetExecutionContext, house: ResourceParam[House]) -> MaterializeResult[None]:
        edition = house.edition(context.partition_key)
        with problems_as_failure(), house.progress.step("Calcul des parts (freins, satisfaction…)"):
            count = measure_shares(edition, house.places.workspace, house.progress)
        return MaterializeResult(metadata={"dagster/row_count": count})

    @asset(
        group_name="aggregate",
        partitions_def=partitions,
        deps=validated,
        kinds={"duckdb"},
        description="Volumes d'achats : totaux, rapports de totaux, moyennes et médianes des taux, contrats",
    )
    def volumes(context: AssetExecutionContext, house: ResourceParam[House]) -> MaterializeResult[None]:
        edition = house.edition(context.partition_key)
        with problems_as_failure(), house.progress.step("Calcul des volumes"):
            count = measure_volumes(edition, house.places.workspace, house.progress)
        return MaterializeResult(metadata={"dagster/row_count": count})

    @asset(
        group_name="aggregate",
        partitions_def=partitions,
        deps=[shares, volumes],
        kinds={"duckdb"},
        description="La table des chiffres publiés, cellules sous le seuil masquées",
    )
    def figures(context: AssetExecutionContext, house: ResourceParam[House]) -> MaterializeResult[None]:
        edition = house.edition(context.partition_key)
        places = house.places
        with problems_as_failure(), house.progress.step("Table des chiffres"):
            published = publish_figures(edition, places.schemas, places.workspace, context.run.run_id, house.progress)
        shown = published[published["breakdown"] == ""][["indicator", "option", "statistic", "value", "n", "flag"]]
        return MaterializeResult(
            metadata={
                **shape(published),
                "chiffres masqués": int(published["suppressed"].sum()),
                "aperçu": frame_table(shown),
            }
        )

    return [shares, volumes, figures]
