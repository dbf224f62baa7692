"""YAML files as data with the line each value stands on.

Belongs here: reading one YAML file and turning a validation error into a message that
names its line. Does not belong here: what an edition's file must contain (model.py).

YAML 1.1 reads `no`, `on` and `01` as something else than what was typed; option codes
are full of them. So only the scalars of YAML 1.2's core schema are resolved here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml._yaml import CParser
from yaml.resolver import BaseResolver

from observatory.problems import Problem, ProblemsError

M = TypeVar("M", bound=BaseModel)
DataPath = tuple[str | int, ...]
"""Keys and positions that lead to a value."""


class _Resolver(BaseResolver):
    pass


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    _Resolver.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class _Loader(CParser, _Resolver):
    def __init__(self, stream: str) -> None:
        CParser.__init__(self, stream)
        _Resolver.__init__(self)


@dataclass(frozen=True)
class Document:
    """A YAML file: its `data`, and the line (from 1) of each value by its path in the data."""

    file: Path
    data: Any
    lines: dict[DataPath, int]

    def line(self, path: DataPath) -> int:
        """The line of the value at that path, or of the nearest value that encloses it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def problem(self, path: DataPath, *, found: str, expected: str, action: str) -> Problem:
        return Problem(
            file=shown(self.file),
            line=self.line(path),
            column=self._name(path),
            found=found,
            expected=expected,
            action=action,
        )

    def unknown(self, path: DataPath, what: str, found: str, known: Iterable[str]) -> Problem:
        """A name that is none of the known ones, with the nearest of them."""
        names = list(known)
        near = difflib.get_close_matches(found, names, n=1, cutoff=0.6)
        return self.problem(
            path,
            found=f"« {found} »",
            expected=f"{what} : {', '.join(names) if names else 'il n’y en a aucune'}",
            action=f"vouliez-vous écrire « {near[0]} » ?" if near else "corrigez ce nom ou ajoutez ce qui manque",
        )

    def _name(self, path: DataPath) -> str:
        """The place in words: `questions.relation_12m.label`; an element without an id by its position, from 1."""
        words, data = [], self.data
        for step in path:
            inside = isinstance(data, dict) or (isinstance(data, list) and isinstance(step, int) and step < len(data))
            data = (data.get(step) if isinstance(data, dict) else data[step]) if inside else None
            own = data.get("id") if isinstance(step, int) and isinstance(data, dict) else None
            words.append(str(own or (step + 1 if isinstance(step, int) else step)))
        return ".".join(words)


def shown(file: Path) -> str:
    """A file as the team knows it: from the edition's folder on, never an absolute path."""
    return "/".join(file.parts[-3 if file.parent.name == "margins" else -2 :])


def read_document(file: Path) -> Document:
    """Read one YAML file. Raises ProblemsError when it is missing, is not UTF-8 or is not YAML."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProblemsError(
            [
                Problem(
                    file=shown(file),
                    found="fichier absent",
                    expected="ce fichier d'édition",
                    action="créez-le ou recopiez celui de l'an dernier",
                )
            ]
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ProblemsError(
            [
                Problem(
                    file=shown(file),
                    line=line,
                    found="un caractère qui n'est pas en UTF-8",
                    expected="un fichier en UTF-8",
                    action="enregistrez-le en UTF-8 dans votre éditeur",
                )
            ]
        ) from None
    lines: dict[DataPath, int] = {}
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        data = None if node is None else _build(node, (), lines, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProblemsError(
            [
                Problem(
                    file=shown(file),
                    line=None if mark is None else mark.line + 1,
                    found=f"une écriture que YAML ne comprend pas ({getattr(error, 'problem', None) or 'syntaxe'})",
                    expected="du YAML : « clé: valeur », retraits par espaces, texte contenant « : » entre guillemets",
                    action="corrigez cette ligne ou celle qui précède",
                )
            ]
        ) from None
    finally:
        loader.dispose()
    return Document(file, data, lines)


def parse(document: Document, model: type[M]) -> M:
    """The document as that model. Raises ProblemsError with one problem a fault, each with its line."""
    try:
        return model.model_validate({} if document.data is None else document.data)
    except ValidationError as error:
        raise ProblemsError([_problem(document, model, fault) for fault in error.errors()]) from None


def _problem(document: Document, model: type[BaseModel], fault: ErrorDetails) -> Problem:
    path: DataPath = tuple(fault["loc"])
    kind, context = fault["type"], fault.get("ctx", {})
    value = fault["input"]
    found = _short(value)
    action = "corrigez cette valeur"
    if kind == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.6)
        return document.problem(
            path,
            found=f"la clé « {path[-1]} », inconnue ici",
            expected=f"l'une des clés : {', '.join(sorted(known))}" if known else "une clé connue",
            action=f"vouliez-vous écrire « {near[0]} » ?" if near else "retirez cette clé ou corrigez son nom",
        )
    if kind == "missing":
        return document.problem(path, found="rien", expected=f"la clé « {path[-1]} »", action="ajoutez-la")
    if kind == "literal_error":
        expected = f"l'une des valeurs : {context['expected'].replace(' or ', ', ')}"
        options = re.findall(r"'([^']*)'", context["expected"])
        near = difflib.get_close_matches(str(value), options, n=1, cutoff=0.6)
        action = f"vouliez-vous écrire « {near[0]} » ?" if near else action
    elif kind == "value_error":
        expected, found = str(context["error"]), found if not isinstance(value, dict) else "cette combinaison"
    elif kind == "string_pattern_mismatch":
        expected = f"un texte de la forme {context['pattern']}"
    else:
        expected = _EXPECTED.get(kind, fault["msg"]).format(**context)
    return document.problem(path, found=found, expected=expected, action=action)


_EXPECTED = {
    "string_type": "un texte (entre guillemets si c'est un nombre)",
    "int_type": "un nombre entier",
    "int_parsing": "un nombre entier",
    "int_from_float": "un nombre entier",
    "float_type": "un nombre",
    "float_parsing": "un nombre",
    "finite_number": "un nombre",
    "string_too_short": "un texte d'au moins {min_length} caractère(s)",
    "bool_type": "true ou false",
    "bool_parsing": "true ou false",
    "dict_type": "une liste de clés, « clé: valeur »",
    "model_type": "une liste de clés, « clé: valeur »",
    "tuple_type": "une liste, un élément par ligne précédé de « - »",
    "list_type": "une liste, un élément par ligne précédé de « - »",
    "too_short": "au moins {min_length} élément(s)",
    "too_long": "au plus {max_length} élément(s)",
    "date_from_datetime_parsing": "une date, AAAA-MM-JJ",
    "date_type": "une date, AAAA-MM-JJ",
    "greater_than_equal": "une valeur d'au moins {ge}",
    "less_than_equal": "une valeur d'au plus {le}",
}


def _fields_at(model: type[BaseModel], path: DataPath) -> list[str]:
    """The keys the model knows at that place of the data."""
    current: Any = model
    for step in path:
        if isinstance(step, int):
            continue
        field = current.model_fields.get(step)
        if field is None:
            return []
        current = _model_of(field.annotation)
        if current is None:
            return []
    return list(current.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_of(argument)
        if found is not None:
            return found
    return None


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "une liste de clés"
    if isinstance(value, (list, tuple)):
        return f"une liste de {len(value)} élément(s)"
    text = str(value)
    return f"« {text if len(text) <= 60 else text[:57] + '…'} »"


def _build(node: yaml.Node, path: DataPath, lines: dict[DataPath, int], file: Path) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, index), lines, file) for index, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value)
            if key in data:
                raise ProblemsError(
                    [
                        Problem(
                            file=shown(file),
                            line=key_node.start_mark.line + 1,
                            column=key,
                            found="la même clé deux fois",
                            expected="une seule fois chaque clé",
                            action="retirez l'une des deux",
                        )
                    ]
                )
            data[key] = _build(child, (*path, key), lines, file)
            lines[(*path, key)] = key_node.start_mark.line + 1
        return data
    return _scalar(node)


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text: str = node.value
    match node.tag.rsplit(":", 1)[-1]:
        case "bool":
            return text == "true"
        case "null":
            return None
        case "int":
            return int(text)
        case "float":
            return float(text)
        case _:
            return text
