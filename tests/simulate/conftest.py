"""Editions and waves shared by the tests: each is drawn once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Audience, Edition
from observatory.simulate.flaws import Wave
from observatory.simulate.shares import Shares, read_shares
from observatory.simulate.step import simulate_wave

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"
AUDIENCES: tuple[Audience, ...] = ("startup", "buyer")


@pytest.fixture(scope="session")
def schemas() -> Path:
    return SCHEMAS


@pytest.fixture(scope="session")
def edition() -> Edition:
    """The latest edition shipped."""
    return load_edition(SCHEMAS, edition_names(SCHEMAS)[-1])


@pytest.fixture(scope="session")
def shares() -> Shares:
    return read_shares()


@pytest.fixture(scope="session")
def waves(edition: Edition, shares: Shares) -> dict[Audience, Wave]:
    return {audience: simulate_wave(edition, audience, shares) for audience in edition.audiences}


@pytest.fixture(scope="session", params=AUDIENCES)
def wave(request: pytest.FixtureRequest, waves: dict[Audience, Wave]) -> Wave:
    return waves[request.param]
