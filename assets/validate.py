"""Validate: one asset an audience, `<audience>_validated`, and its checks.

Each kind of rule is one check that lists the rules it stands for and where they were
broken: file, row, column and rule, never the value. Those without which the run can't go
on are blocking.
"""

from collections.abc import Iterator

import pandas as pd
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetsDefinition,
    MaterializeResult,
    PartitionsDefinition,
    ResourceParam,
    asset,
)
from dagster._core.definitions.metadata import RawMetadataValue

from assets.reporting import problem_table, problems_as_failure, shape, table
from assets.resources import House
from observatory.editions.model import Audience
from observatory.problems import ProblemsError
from observatory.validate.pipeline import Validated
from observatory.validate.rules import RuleSpec, rules
from observatory.validate.step import validate_answers

MOST_CONCERNED = 0.05
"""Share of the respondents above which a check warns. A few typing errors, duplicates or tests are every year's lot:
below it they are only counted, so that a graph in orange means something to look at."""

KINDS = {
    "choice": "La réponse est l'une de celles proposées",
    "number": "La réponse est un nombre lisible",
    "date": "La réponse est une date",
    "siren": "Le SIREN et sa clé de contrôle",
    "bounds": "Les bornes des montants et des nombres",
    "ranks": "Chaque rang n'est donné qu'une fois",
    "max_choices": "Le nombre de réponses permis",
    "exclusive": "« Aucun » sans autre réponse",
    "shown": "Pas de réponse à une question non posée",
    "check": "Les règles entre questions",
    "withdrawn": "Répondants retirés par l'équipe",
    "excluded": "Réponses écartées par une règle de l'édition",
    "no_consent": "L'accord des répondants",
    "empty": "Réponses entièrement vides",
    "duplicate": "Une réponse par organisation",
    "left": "Il reste au moins un répondant",
    "count": "Les comptes tombent juste : reçues = retenues + retirées",
}
CHECKS = {
    "choice": "reponses_proposees",
    "number": "nombres",
    "date": "dates",
    "siren": "siren",
    "bounds": "bornes",
    "ranks": "rangs",
    "max_choices": "nombre_de_choix",
    "exclusive": "choix_exclusifs",
    "shown": "questions_posees",
    "check": "regles_entre_questions",
    "withdrawn": "retires_par_l_equipe",
    "excluded": "reponses_ecartees",
    "no_consent": "accord",
    "empty": "reponses_vides",
    "duplicate": "doublons",
    "left": "au_moins_un_repondant",
    "count": "comptes_justes",
}
"""What each kind is called on the pages; Dagster takes no accents there."""

LEFT, COUNT = "left", "count"
BLOCKING = frozenset({LEFT, COUNT})


def kind_of(rule: str) -> str:
    """The kind of a rule by its id: `obstacles.max_choices` is of kind `max_choices`, `x.check_2` of `check`."""
    kind = rule.rsplit(".", 1)[-1]
    return "check" if kind.startswith("check_") else kind


def validated_answers(audience: Audience, label: str, partitions: PartitionsDefinition[str]) -> AssetsDefinition:
    """The asset that checks one audience's answers."""
    name = f"{audience}_validated"
    specs = [
        AssetCheckSpec(CHECKS[kind], asset=name, blocking=kind in BLOCKING, description=text)
        for kind, text in KINDS.items()
    ]

    @asset(
        name=name,
        group_name="validate",
        partitions_def=partitions,
        deps=[f"{audience}_raw"],
        check_specs=specs,
        kinds={"pandera", "duckdb"},
        description=f"Réponses vérifiées : {label}, une ligne par répondant retenu",
    )
    def validated(
        context: AssetExecutionContext, house: ResourceParam[House]
    ) -> Iterator[AssetCheckResult | MaterializeResult[None]]:
        edition = house.edition(context.partition_key)
        if audience not in edition.audiences:
            yield MaterializeResult(asset_key=name, metadata={"note": "pas de questionnaire pour ce public"})
            yield from (AssetCheckResult(check_name=check, asset_key=name, passed=True) for check in CHECKS.values())
            return
        with problems_as_failure(), house.progress.step(f"Vérification : {label}"):
            try:
                result = validate_answers(edition, audience, house.places.workspace, house.progress)
            except ProblemsError as error:
                yield AssetCheckResult(
                    check_name=CHECKS[LEFT],
                    asset_key=name,
                    passed=False,
                    severity=AssetCheckSeverity.ERROR,
                    metadata={"problèmes": problem_table(error.problems)},
                )
                raise
        yield MaterializeResult(
            asset_key=name,
            metadata=shape(result.table)
            | {"valeurs refusées": len(result.refused), "répondants retirés": len(result.removed)},
        )
        specified = rules(edition, audience)
        for kind in KINDS:
            if kind == COUNT:
                yield _count(name, result)
            else:
                yield _check(name, kind, [rule for rule in specified if kind_of(rule.id) == kind], result)

    return validated


def _count(asset_name: str, result: Validated) -> AssetCheckResult:
    received = int(result.steps["count"].iloc[0])
    kept, removed = len(result.table), len(result.removed)
    return AssetCheckResult(
        check_name=CHECKS[COUNT],
        asset_key=asset_name,
        passed=received == kept + removed,
        severity=AssetCheckSeverity.ERROR,
        metadata={"reçues": received, "retenues": kept, "retirées": removed},
    )


def _check(asset_name: str, kind: str, specified: list[RuleSpec], result: Validated) -> AssetCheckResult:
    broken = pd.concat([result.refused.reindex(columns=_PLACE), result.removed.reindex(columns=_PLACE)])
    broken = broken[broken["rule"].map(kind_of) == kind]
    described = {rule.id: rule.description_fr for rule in specified}
    rows = [
        {
            "fichier": str(row["file"]),
            "rangée": str(row["row"]),
            "colonne": str(row["column"]),
            "règle": described.get(str(row["rule"]), str(row["rule"])),
        }
        for row in broken.fillna({"column": ""}).to_dict("records")
    ]
    received = int(result.steps["count"].iloc[0])
    concerned = len(broken[["file", "row"]].drop_duplicates())
    metadata: dict[str, RawMetadataValue] = {
        "règles": table([{"règle": rule.id, "sens": rule.description_fr} for rule in specified]),
        "manquements (nombre)": len(rows),
        "répondants concernés": concerned,
    }
    if rows:
        metadata["manquements"] = table(rows)
    return AssetCheckResult(
        check_name=CHECKS[kind],
        asset_key=asset_name,
        passed=concerned <= (0 if kind in BLOCKING else MOST_CONCERNED * received),
        severity=AssetCheckSeverity.ERROR if kind in BLOCKING else AssetCheckSeverity.WARN,
        description=f"manquements : {len(rows)}, répondants concernés : {concerned} sur {received}"
        if rows
        else "aucun manquement",
        metadata=metadata,
    )


_PLACE = ["file", "row", "column", "rule"]
