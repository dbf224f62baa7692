"""The published JSON Schemas are those of the models, and accept every file of the project."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from observatory.editions.documents import read_document
from observatory.editions.json_schema import json_schemas

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"
KINDS = {"startup": "questionnaire", "buyer": "questionnaire", "edition": "edition", "indicators": "indicators"}


@pytest.mark.parametrize("name", json_schemas())
def test_the_published_schema_is_current(name: str) -> None:
    published = (SCHEMAS / "json-schema" / name).read_text(encoding="utf-8")
    assert published == json_schemas()[name], "run: make schema"


@pytest.mark.parametrize("file", sorted(SCHEMAS.rglob("*.yaml")), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_editor_accepts_each_file(file: Path) -> None:
    schema = json.loads((SCHEMAS / "json-schema" / f"{KINDS.get(file.stem, 'list')}.schema.json").read_text("utf-8"))
    jsonschema.validate(read_document(file).data, schema)
    assert "yaml-language-server: $schema=../json-schema/" in file.read_text(encoding="utf-8").splitlines()[0]
