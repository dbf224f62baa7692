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

from assets.reporting import problem_table, problems_as_failure, text_shape
from assets.resources import House
from observatory.editions.model import Audience
from observatory.ingest.step import ingest
from observatory.problems import ProblemsError

READABLE = "fichiers_et_colonnes"
NOTHING_LOST = "aucune_ligne_perdue"


def raw_answers(audience: Audience, label: str, partitions: PartitionsDefinition[str]) -> AssetsDefinition:
    """The asset that reads one audience's inbox."""
    name = f"{audience}_raw"
    described = {
        READABLE: "Chaque fichier du dépôt est lisible et porte les colonnes obligatoires",
        NOTHING_LOST: "Lignes lues = répondants + lignes remplacées par une plus récente",
    }
    checks = [AssetCheckSpec(check, asset=name, blocking=True, description=text) for check, text in described.items()]

    @asset(
        name=name,
        group_name="ingest",
        partitions_def=partitions,
        check_specs=checks,
        kinds={"duckdb"},
        description=f"Réponses reçues : {label}, telles que déposées, tout en texte",
    )
    def raw(
        context: AssetExecutionContext, house: ResourceParam[House]
    ) -> Iterator[AssetCheckResult | MaterializeResult[None]]:
        edition = house.edition(context.partition_key)
        if audience not in edition.audiences:
            yield from (AssetCheckResult(check_name=check, asset_key=name, passed=True) for check in described)
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
        yield AssetCheckResult(
            check_name=NOTHING_LOST,
            asset_key=name,
            passed=ingested.lost == 0,
            severity=AssetCheckSeverity.ERROR,
            metadata={"lignes perdues": ingested.lost, "lignes remplacées": len(ingested.replaced)},
        )
        yield MaterializeResult(
            asset_key=name,
            metadata=text_shape(ingested.rows, ingested.columns)
            | {"fichiers": MetadataValue.int(len(ingested.files)), "avertissements": len(ingested.problems)},
        )

    return raw
