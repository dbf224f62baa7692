"""The names of figures in prose, looked up before there are figures.

Belongs here: which chapters of an edition's report name an indicator or a statistic that the edition does not compute.
Does not belong here: rendering them (prose.py), which also tells options, breakdowns and withheld figures.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import yaml
from jinja2 import nodes

from observatory.editions.model import Edition
from observatory.problems import Problem

_NAME = re.compile(r"(?:startup|buyer)(?:\.[a-z][a-z0-9_]*)+")


def unknown_names(edition: Edition, reports: Path) -> list[Problem]:
    """One problem a name that the edition does not compute, with file and line. Writes nothing.

    What stands under `{% if asked(…) %}` for an indicator that the edition has not is left alone, as in the report.
    A file that is missing or is no template is left to the report, which says so with more.
    """
    folders = (edition.folder / "report", reports / edition.config.report.template)
    indicators = {item.id for item in edition.indicators}
    statistics = {f"{item.id}.{name}" for item in edition.indicators for name in (*item.computed, "change", "rank")}
    problems = []
    for chapter in _chapters(folders):
        path = f"{edition.language}/chapters/{chapter}.md"
        folder = next((folder for folder in folders if (folder / path).is_file()), None)
        if folder is None:
            continue
        shown = f"{edition.name}/report/{path}" if folder == folders[0] else f"{folder.name}/{path}"
        for line, name in _names((folder / path).read_text(encoding="utf-8"), indicators):
            if name not in indicators | statistics:
                problems.append(_unknown(shown, line, name, indicators | statistics))
    return problems


def _chapters(folders: tuple[Path, ...]) -> list[str]:
    """The chapters and annexes that report.yaml names, if it can be read."""
    file = next((folder / "report.yaml" for folder in folders if (folder / "report.yaml").is_file()), None)
    if file is None:
        return []
    try:
        plan = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [*(str(part["chapter"]) for part in plan["chapters"]), *map(str, plan.get("annexes", ()))]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return []


def _names(text: str, indicators: set[str]) -> Iterator[tuple[int, str]]:
    try:
        template = jinja2.Environment().parse(text)
    except jinja2.TemplateSyntaxError:
        return
    yield from _within(template, indicators)


def _within(node: nodes.Node, indicators: set[str]) -> Iterator[tuple[int, str]]:
    """Line and name of each text that reads like the name of a figure, in order."""
    if isinstance(node, nodes.If) and not _asked(node.test) <= indicators:
        for part in (*node.elif_, *node.else_):
            yield from _within(part, indicators)
        return
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "asked":
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _NAME.fullmatch(node.value):
        yield node.lineno, node.value
    for child in node.iter_child_nodes():
        yield from _within(child, indicators)


def _asked(test: nodes.Node) -> set[str]:
    """The indicators that a condition asks about."""
    calls = [*test.find_all(nodes.Call), *([test] if isinstance(test, nodes.Call) else [])]
    return {
        argument.value
        for call in calls
        if isinstance(call.node, nodes.Name) and call.node.name == "asked"
        for argument in call.args
        if isinstance(argument, nodes.Const)
    }


def _unknown(file: str, line: int, name: str, known: set[str]) -> Problem:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return Problem(
        file=file,
        line=line,
        found=f"le chiffre « {name} », que l'édition ne calcule pas",
        expected="un indicateur de indicators.yaml, avec l'une de ses statistiques",
        action=f"vouliez-vous écrire « {near[0]} » ?" if near else "corrigez le nom, ou ajoutez l'indicateur",
    )
