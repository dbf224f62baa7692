"""Ingest: one asset an audience, `<audience>_raw`, the answers as they arrived."""

from collections.abc import Iterator

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    PartitionsDefinition,
    ResourceParam,
    asset,
)

from assets.reporting import problem_table, problems_as_failure, shape
from assets.resources import House
from observatory.editions.model import Audience
from observatory.ingest.step import ingest
from observatory.problems import ProblemsError

READABLE = "fichiers_et_colonnes"


def raw_answers(audience: Audience, label: str, partitions: PartitionsDefinition[str]) -> AssetsDefinition:
    """The asset that reads one audience's inbox."""
    name = f"{audience}_raw"
    check = AssetCheckSpec(
        READABLE,
        asset=name,
        blocking=True,
        description="Chaque fichier du dépôt est lisible et porte les colonnes obligatoires",
    )

    @asset(
        name=name,
        group_name="ingest",
        partitions_def=partitions,
        check_specs=[check],
        kinds={"duckdb"},
        description=f"Réponses reçues : {label}, telles que déposées, tout en texte",
    )
    def raw(
        context: AssetExecutionContext, house: ResourceParam[House]
    ) -> Iterator[AssetCheckResult | MaterializeResult[None]]:
        edition = house.edition(context.partition_key)
        if audience not in edition.audiences:
            yield AssetCheckResult(check_name=READABLE, asset_key=name, passed=True)
            yield MaterializeResult(asset_key=name, metadata={"note": "pas de questionnaire pour ce public"})
            return
        with problems_as_failure(), house.progress.step(f"Lecture des réponses : {label}"):
            try:
                ingested = ingest(edition, audience, house.places.workspace, house.progress)
            except ProblemsError as error:
                yield AssetCheckResult(
                    check_name=READABLE,
                    asset_key=name,
                    passed=False,
                    severity=AssetCheckSeverity.ERROR,
                    metadata={"problèmes": problem_table(error.problems)},
                )
                raise
        yield AssetCheckResult(
            check_name=READABLE,
            asset_key=name,
            passed=True,
            metadata={"avertissements": problem_table(ingested.problems)} if ingested.problems else {},
        )
        yield MaterializeResult(
            asset_key=name,
            metadata=shape(ingested.table)
            | {"fichiers": MetadataValue.int(len(ingested.files)), "avertissements": len(ingested.problems)},
        )

    return raw
