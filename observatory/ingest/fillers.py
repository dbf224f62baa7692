"""Cells that say « no answer » in a text of their own: N/A, -, « Sans réponse ».

Belongs here: which texts these are, in which columns they are no answer, and what is said of it. Does not belong here:
what a tool writes where it did not show a question (tools/), blank cells (cells.py), answers that say something,
however short (« néant », « R.A.S. », 0).

An option of the questionnaire is never one, whatever its wording. « Non concerné » and the like are no answer only
where options or numbers are asked for: in free text they are a respondent's words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from observatory.ingest.cells import Columns
from observatory.phrases import counted
from observatory.problems import Problem
from observatory.wording import squeeze

_SURE = (
    *("N/A", "#N/A", "#N/D", "NA", "<NA>", "N.A.", "NC", "N/C", "N.C.", "NR", "N/R", "NULL", "(null)", "nan", "#NULL!"),
    *("-", "--", "---", "–", "—", ".", "..", "...", "…", "/", "//", "∅", "_"),
    *("(vide)", "(vides)", "(blank)", "Sans réponse", "Sans reponse", "Non réponse", "Non-réponse", "Non répondu"),
    *("Pas de réponse", "Aucune réponse", "No answer", "No response", "Non renseigné", "Non communiqué"),
)
_UNCONCERNED = (
    *("Non concerné", "Non concernée", "Non concerne", "Non concerné(e)", "Pas concerné", "Pas concernée"),
    *("Sans objet", "Non applicable", "Not applicable", "NSP", "Ne se prononce pas"),
)

SURE = frozenset(text.lower() for text in _SURE)
UNCONCERNED = frozenset(text.lower() for text in _UNCONCERNED)
_SPELLED = {text.lower(): text for text in reversed((*_SURE, *_UNCONCERNED))}
_SHOWN = 4


def fillers_in(
    columns: Columns, position: int, not_shown: frozenset[str], options: Collection[str], *, free_text: bool
) -> Mapping[str, int]:
    """The cells of a column that are no answer, and how often each stands there.

    `options` are the wordings and codes of the question's own answers. `free_text` is for a question without options.
    """
    texts = SURE if free_text else SURE | UNCONCERNED
    own = {option.strip().lower() for option in options}
    squeezed = {squeeze(option) for option in options} - {""}
    wanted = frozenset(text for text in texts if text not in own and squeeze(text) not in squeezed)
    return {cell: count for cell, count in columns.among(position, wanted).items() if cell not in not_shown}


def filler_warnings(file: str, found: Mapping[str, Mapping[str, int]]) -> list[Problem]:
    """At most one warning a file for each kind; `found` are the cells that are no answer, counted by column."""
    sure = _of(found, SURE)
    unconcerned = _of(found, UNCONCERNED)
    problems = []
    if sure:
        problems.append(
            _warning(
                file,
                sure,
                "le formulaire ne propose pas ces réponses : rien à faire si personne ne les a choisies ; sinon, "
                "ajoutez-les aux options de la question",
            )
        )
    if unconcerned:
        problems.append(
            _warning(
                file,
                unconcerned,
                "vérifiez que le formulaire ne proposait pas cette réponse ; s'il la proposait, ajoutez-la aux options "
                "de la question, sinon rien à faire",
            )
        )
    return problems


def _of(found: Mapping[str, Mapping[str, int]], texts: frozenset[str]) -> dict[str, dict[str, int]]:
    chosen = {
        column: {cell: count for cell, count in cells.items() if cell.strip().lower() in texts}
        for column, cells in found.items()
    }
    return {column: cells for column, cells in chosen.items() if cells}


def _warning(file: str, found: Mapping[str, Mapping[str, int]], action: str) -> Problem:
    counts = {column: sum(cells.values()) for column, cells in found.items()}
    where = ", ".join(f"{column} ({count})" for column, count in counts.items())
    spelled = list(dict.fromkeys(_SPELLED[cell.strip().lower()] for cells in found.values() for cell in cells))
    return Problem(
        file=file,
        found=f"{counted(sum(counts.values()), 'cellule')} qui ne {_says(sum(counts.values()))} rien "
        f"({_quoted(spelled)}), comptées comme sans réponse : {where}",
        expected="une cellule vide là où personne n'a répondu",
        action=action,
        severity="warning",
    )


def _says(count: int) -> str:
    return "dit" if count < 2 else "disent"


def _quoted(texts: Sequence[str]) -> str:
    shown = ", ".join(f"« {text} »" for text in texts[:_SHOWN])
    return shown + (", …" if len(texts) > _SHOWN else "")
