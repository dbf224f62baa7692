"""The JSON Schemas of an edition's files, for editors that complete and check YAML.

    python -m observatory.editions.json_schema [FOLDER]

Belongs here: writing them (default: survey_schemas/json-schema). They come from model.py and are
never edited by hand; a test compares them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from observatory.editions.model import ChoiceList, EditionConfig, Indicators, KnownMargins, Questionnaire

MODELS: dict[str, type[BaseModel]] = {
    "edition": EditionConfig,
    "questionnaire": Questionnaire,
    "indicators": Indicators,
    "list": ChoiceList,
    "margins": KnownMargins,
}


def json_schemas() -> dict[str, str]:
    """The text of each schema by its file name."""
    schemas = {}
    for name, model in MODELS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
        schemas[f"{name}.schema.json"] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return schemas


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in json_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "survey_schemas/json-schema"))
