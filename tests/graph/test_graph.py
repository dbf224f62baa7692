"""The Dagster graph: what its pages show, what stops a run, and what they never show."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult, build_sensor_context
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation

from assets import sensors
from assets.graph import JOB, build_definitions
from assets.ingest import READABLE
from assets.resources import House
from assets.validate import CHECKS, KINDS
from observatory.editions.load import edition_names
from observatory.locations import Locations
from observatory.progress import Progress
from observatory.validate.pipeline import Validated
from observatory.workspace import Workspace
from tests.end_to_end.tiny import HEADINGS, ROOT, TINY, answers, fill, siren

SCHEMAS = ROOT / "survey_schemas"


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def places(tmp_path: Path) -> Locations:
    return Locations(Workspace(tmp_path / "workspace"), TINY, ROOT / "reports")


def run(places: Locations, instance: DagsterInstance) -> ExecuteInProcessResult:
    places.workspace.ensure()
    job = build_definitions(places, House(places, Progress())).resolve_job_def(JOB)
    return job.execute_in_process(partition_key="2025", instance=instance, raise_on_error=False)


def evaluations(result: ExecuteInProcessResult) -> dict[tuple[str, str], AssetCheckEvaluation]:
    found = [
        event.event_specific_data for event in result.all_events if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    return {
        (data.asset_key.to_user_string(), data.check_name): data
        for data in found
        if isinstance(data, AssetCheckEvaluation)
    }


def materialized(result: ExecuteInProcessResult) -> set[str]:
    events = [event for event in result.all_events if event.event_type_value == "ASSET_MATERIALIZATION"]
    return {event.asset_key.to_user_string() for event in events if event.asset_key is not None}


def test_the_four_groups_are_the_four_verbs_and_editions_are_the_partitions(places: Locations) -> None:
    own = Locations(places.workspace, SCHEMAS, places.reports)
    graph = build_definitions(own).resolve_asset_graph()
    groups = {node.group_name for node in graph.asset_nodes}
    assert groups == {"ingest", "validate", "aggregate", "publish"}
    for node in graph.asset_nodes:
        assert node.partitions_def is not None
        assert list(node.partitions_def.get_partition_keys()) == edition_names(SCHEMAS)
        assert node.description


def test_a_run_materializes_every_asset_with_its_checks(places: Locations, instance: DagsterInstance) -> None:
    fill(places.workspace.root, answers())
    result = run(places, instance)
    assert result.success
    assert materialized(result) == {
        f"{audience}_{state}" for audience in ("startup", "buyer") for state in ("raw", "validated")
    } | {"shares", "volumes", "figures", "barometer", "current_edition"}
    checks = evaluations(result)
    assert all(evaluation.passed for evaluation in checks.values())
    assert {name for asset, name in checks if asset == "buyer_validated"} == {CHECKS[kind] for kind in KINDS}
    rules = checks["buyer_validated", "siren"].metadata["règles"].value
    assert [record.data["règle"] for record in rules.records] == ["siren.siren"]


def test_a_refused_value_shows_row_column_and_rule_but_never_the_value(
    places: Locations, instance: DagsterInstance
) -> None:
    rows = answers()
    rows[3][4], rows[5][1] = "une somme inavouable", "111111111"
    fill(places.workspace.root, rows)
    result = run(places, instance)
    assert result.success
    broken = evaluations(result)["buyer_validated", CHECKS["number"]]
    assert not broken.passed
    (record,) = broken.metadata["manquements"].value.records
    assert (record.data["fichier"], record.data["rangée"]) == ("export.csv", "5")
    assert record.data["colonne"]
    assert record.data["règle"]
    kept = "\n".join(repr(event) for event in result.all_events)
    kept += "\n".join(record.message for record in instance.all_logs(result.run_id))
    for secret in ("inavouable", "111111111", *(siren(number) for number in range(1, 13))):
        assert secret not in kept


def test_a_few_refused_values_are_counted_without_a_warning(places: Locations, instance: DagsterInstance) -> None:
    rows = answers(count=40)
    rows[3][4] = rows[5][4] = "une somme"
    fill(places.workspace.root, rows)
    counted = evaluations(run(places, instance))["buyer_validated", CHECKS["number"]]
    assert counted.passed
    assert counted.metadata["répondants concernés"].value == 2
    assert counted.description == "manquements : 2, répondants concernés : 2 sur 40"


def test_an_unreadable_deposit_blocks_what_follows(places: Locations, instance: DagsterInstance) -> None:
    fill(places.workspace.root, [row[2:] for row in answers()], headings=HEADINGS[2:])
    result = run(places, instance)
    assert not result.success
    evaluation = evaluations(result)["buyer_raw", READABLE]
    assert not evaluation.passed
    assert evaluation.blocking
    (record, *_) = evaluation.metadata["problèmes"].value.records
    assert "siren" in (record.data["colonne"] + record.data["attendu"]).lower()
    assert "buyer_validated" not in materialized(result)
    assert "figures" not in materialized(result)


def test_counts_that_do_not_add_up_block_what_follows(
    places: Locations, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assets import validate

    honest = validate.validate_answers

    def lossy(*arguments: Any) -> Validated:
        result = honest(*arguments)
        return replace(result, table=result.table.iloc[1:])

    monkeypatch.setattr(validate, "validate_answers", lossy)
    fill(places.workspace.root, answers())
    result = run(places, instance)
    assert not result.success
    assert not evaluations(result)["buyer_validated", CHECKS["count"]].passed
    assert "figures" not in materialized(result)


def test_a_report_made_again_alone_replaces_the_last_and_a_failure_leaves_it(
    places: Locations, instance: DagsterInstance, tmp_path: Path
) -> None:
    fill(places.workspace.root, answers())
    schemas = Path(shutil.copytree(TINY, tmp_path / "schemas"))
    own = Locations(places.workspace, schemas, places.reports)
    assert run(own, instance).success
    pdf = own.workspace.output("2025") / "barometre-2025.pdf"
    before = pdf.read_bytes()
    text = schemas / "2025" / "report" / "fr" / "chapters" / "summary.md"

    def again(*assets: str) -> bool:
        definitions = build_definitions(own, House(own, Progress()))
        return (
            definitions.get_implicit_global_asset_job_def()
            .get_subset(asset_selection={AssetKey(asset) for asset in assets})
            .execute_in_process(partition_key="2025", instance=instance, raise_on_error=False)
            .success
        )

    honest = text.read_text(encoding="utf-8")
    text.write_text(honest + "{{ figure('no.such') }}", encoding="utf-8")
    assert not again("barometer")
    assert pdf.read_bytes() == before
    text.write_text(honest + "Une phrase de plus.\n", encoding="utf-8")
    assert again("barometer", "current_edition")
    assert pdf.read_bytes() != before
    assert len([folder for folder in own.workspace.runs.iterdir() if folder.is_dir()]) == 1


def test_the_sensor_asks_for_a_run_when_the_inbox_changes_and_only_then(
    places: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "QUIET_SECONDS", 0.0)
    definitions = build_definitions(places)
    sensor = definitions.resolve_sensor_def("depots")

    def look(cursor: str | None) -> tuple[list[str | None], str | None]:
        seen = sensor.evaluate_tick(build_sensor_context(cursor=cursor, definitions=definitions))
        return [request.partition_key for request in seen.run_requests or ()], seen.cursor or cursor

    with DagsterInstance.ephemeral():
        assert look(None)[0] == []
        fill(places.workspace.root, answers())
        asked, cursor = look(None)
        assert asked == ["2025"]
        assert look(cursor)[0] == []
        extra = fill(places.workspace.root, answers(count=3), name="partenaire.csv")
        asked, cursor = look(cursor)
        assert asked == ["2025"]
        extra.unlink()
        assert look(cursor)[0] == ["2025"]


def test_a_file_still_being_copied_is_waited_for(places: Locations) -> None:
    definitions = build_definitions(places)
    sensor = definitions.resolve_sensor_def("depots")
    fill(places.workspace.root, answers())
    with DagsterInstance.ephemeral():
        assert not sensor.evaluate_tick(build_sensor_context(definitions=definitions)).run_requests
