"""The words of the frame: « Champ », « Lecture », « Figure », months, statuses, in the report's language.

Belongs here: reading that dictionary from the report's folder (labels/<language>.yaml) and filling it in.
Does not belong here: prose, nor any label of a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from observatory.problems import Problem, ProblemsError

Labels = Mapping[str, str]
"""Dotted key to wording; `{name}` in a wording is filled in by `say`."""


def read_labels(folders: Sequence[Path], language: str) -> Labels:
    """The dictionary of one language; the first folder wins, key by key. Raises ProblemsError if no folder has it."""
    found = [folder / "labels" / f"{language}.yaml" for folder in folders]
    files = [file for file in found if file.is_file()]
    if not files:
        raise ProblemsError(
            [
                Problem(
                    file=f"labels/{language}.yaml",
                    found="fichier absent",
                    expected=f"les mots du cadre du rapport en « {language} », première langue de l'édition",
                    action="copiez labels/fr.yaml et traduisez-le",
                )
            ]
        )
    labels: dict[str, str] = {}
    for file in reversed(files):
        labels |= _flat(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    return labels


def _flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, Mapping) else {name: str(value)}
    return flat


def say(labels: Labels, key: str, /, **values: object) -> str:
    """One wording, filled in. Raises ProblemsError if the dictionary lacks it."""
    if key not in labels:
        raise ProblemsError(
            [
                Problem(
                    file="labels",
                    found=f"pas de mot pour « {key} »",
                    expected="une entrée par mot du cadre",
                    action="ajoutez l'entrée au fichier labels de la langue de l'édition",
                )
            ]
        )
    return labels[key].format(**values) if values else labels[key]
