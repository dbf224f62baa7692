"""Partitions: one for each edition folder."""

from __future__ import annotations

from pathlib import Path

from dagster import StaticPartitionsDefinition

from observatory.editions.load import edition_names


def edition_partitions(schemas: Path) -> StaticPartitionsDefinition:
    """The editions found in that folder when the code is loaded; a new one appears on reload."""
    return StaticPartitionsDefinition(edition_names(schemas))
