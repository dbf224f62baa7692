"""Simulated exports read back: every column is matched with certainty, only planted faults are refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from observatory.editions.columns import validated_columns
from observatory.editions.load import load_edition
from observatory.editions.model import Audience, Edition
from observatory.ingest.inbox import Ingested, read_inbox
from observatory.simulate.flaws import Flaw, FlawKind, Wave
from observatory.simulate.shares import Shares
from observatory.simulate.step import FILES, simulate, simulate_wave, split
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import Validated, validate
from observatory.workspace import Workspace

REFUSED: dict[FlawKind, str] = {
    "invalid_siren": "siren",
    "text_for_number": "number",
    "unknown_option": "choice",
    "too_many_options": "max_choices",
    "check_broken": "check_1",
    "thousands_for_units": "check_1",
}
REMOVED: dict[FlawKind, str] = {"no_consent": "no_consent", "duplicate": "duplicate", "excluded": "excluded"}


@dataclass(frozen=True)
class Trip:
    """A wave, and what became of it. `responses` gives the response on each row of each file."""

    edition: Edition
    wave: Wave
    ingested: Ingested
    validated: Validated
    responses: dict[tuple[str, int], int]

    def of(self, frame: pd.DataFrame) -> list[int]:
        return [self.responses[file, int(row)] for file, row in zip(frame["file"], frame["row"], strict=True)]


@pytest.fixture(scope="module")
def workspace(schemas: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    simulate(schemas, ["2023", "2025"], workspace)
    return workspace


@pytest.fixture(
    scope="module", params=[(name, audience) for name in ("2023", "2025") for audience in ("startup", "buyer")]
)
def trip(request: pytest.FixtureRequest, schemas: Path, workspace: Workspace, shares: Shares) -> Trip:
    name, audience = request.param
    edition = load_edition(schemas, name)
    wave = simulate_wave(edition, audience, shares)
    ingested = read_inbox(edition, audience, workspace)
    corrections, _ = read_corrections(workspace.corrections(name))
    validated = validate(edition, audience, ingested.table, corrections)
    return Trip(edition, wave, ingested, validated, rows_of(wave, audience))


def rows_of(wave: Wave, audience: Audience) -> dict[tuple[str, int], int]:
    """Responses by file and row: the header is row 1."""
    rows = {}
    for style, part in zip(FILES[audience], split(wave), strict=True):
        suffix = ".xlsx" if style == "microsoft-forms" else ".csv"
        for row, response in enumerate(part.responses.index, start=2):
            rows[f"simule-{wave.edition.name}-{audience}-{style}{suffix}", row] = int(response)
    return rows


def planted(wave: Wave, kinds: dict[FlawKind, str]) -> list[Flaw]:
    return [flaw for flaw in wave.flaws if flaw.kind in kinds]


def test_every_column_is_matched_with_certainty(trip: Trip) -> None:
    doubtful = [match.column.heading for match in trip.ingested.mapping if match.status not in {"certain", "ignored"}]
    assert doubtful == []
    assert trip.ingested.problems == []


def test_every_response_is_read_as_simulated(trip: Trip) -> None:
    assert sorted(trip.of(trip.ingested.table)) == list(trip.wave.responses.index)
    assert trip.ingested.table["simulated"].eq("true").all()


def test_only_planted_faults_are_refused(trip: Trip) -> None:
    refused = trip.validated.refused
    found = set(zip(trip.of(refused), refused["question"], refused["rule"], strict=True))
    expected = {
        (flaw.response, flaw.question, f"{flaw.question}.{REFUSED[flaw.kind]}") for flaw in planted(trip.wave, REFUSED)
    }
    assert found == expected
    assert {flaw.kind for flaw in planted(trip.wave, REFUSED)} == set(REFUSED)


def test_only_planted_rows_are_removed(trip: Trip, shares: Shares) -> None:
    removed = trip.validated.removed
    found = set(zip(trip.of(removed), removed["rule"], strict=True))
    assert found == {(flaw.response, f"respondents.{REMOVED[flaw.kind]}") for flaw in planted(trip.wave, REMOVED)}
    assert len(trip.validated.table) == shares.audiences[trip.wave.audience].respondents


def test_two_services_are_left_for_a_person_to_decide(trip: Trip) -> None:
    services = [flaw.response for flaw in trip.wave.flaws if flaw.kind == "shared_siren"]
    assert sorted(trip.of(trip.validated.decisions)) == services


def test_every_other_answer_comes_back_as_given(trip: Trip) -> None:
    table = trip.validated.table.set_index(pd.Index(trip.of(trip.validated.table)))
    flawed = {(flaw.response, flaw.question) for flaw in planted(trip.wave, REFUSED)}
    different = []
    for column in validated_columns(trip.edition, trip.wave.audience):
        given, back = trip.wave.responses.loc[table.index, column], table[column]
        for response, one, other in zip(table.index, given, back, strict=True):
            missing = [pd.isna(one), pd.isna(other)]
            same = all(missing) or (not any(missing) and one == other)
            if not same and (response, column.split("__")[0]) not in flawed:
                different.append((response, column, one, other))
    assert different == []
