"""What a person decides about columns: proposed in the workspace, accepted into the edition.

Belongs here: the two YAML files (`review/<edition>/mapping-<audience>.yaml` in the
workspace, `mappings/<audience>.yaml` in the edition's folder) and going from one to the
other. Does not belong here: how a proposal is found (matching.py).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from observatory.editions.documents import Document, parse, read_document, shown
from observatory.editions.model import Audience, Edition
from observatory.ingest.catalogue import IGNORE, Catalogue, catalogue
from observatory.ingest.matching import HeadingKey, Match, heading_key, takes_several_columns
from observatory.ingest.personal import heading_kind
from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace

_LIKELY = 90.0
"""Score from which a proposal may have its target filled in; wordings with different numbers stay under it."""

_SLIPS = 3.0
"""Characters put in or taken out, as the score counts them, up to which a wording is a slip of the same: in a long
question, another word, and so another meaning, takes little from the score.
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Decision(_Strict):
    """One column and what it answers: `target` is a question, `question__option`, `ignore`, or '' while undecided."""

    heading: str
    occurrence: int = Field(1, ge=1)
    target: str = ""
    accepted_by: str | None = None
    accepted_on: dt.date | None = None


class MappingFile(_Strict):
    """`mappings/<audience>.yaml`, or a proposal."""

    columns: tuple[Decision, ...] = ()


_HELP = """\
# Colonnes à rattacher aux questions : édition {edition}, {audience}.
#
# Pour chaque colonne, « target » dit à quelle question elle répond :
#   - le code d'une question (obstacles), ou question__option (obstacles__autre_code) pour une colonne par option,
#     ou question__other_text pour le texte d'un « autre, précisez » ; si plusieurs colonnes portent chacune l'un des
#     choix d'un répondant (premier choix, deuxième…), le code de la question pour toutes ;
#   - ignore : la colonne n'est pas une question ;
#   - vide : à décider plus tard, la colonne reste de côté, et les questions proposées pour elle comptent, dans ce
#     fichier, comme sans réponse (une question qu'aucune colonne ne concerne y compte comme non posée).
# Les meilleures propositions sont en commentaire, avec leur ressemblance (100 : identique).
# « target » n'est rempli d'avance que pour un intitulé presque identique, jamais pour un code dont l'intitulé a changé.
# Relisez, corrigez, enregistrez, puis : observatory mapping accept {edition} {audience} --initials VOS_INITIALES
"""
_ACCEPTED = """\
# Colonnes rattachées aux questions par une personne : édition {edition}, {audience}.
# Écrit par « observatory mapping accept » ; l'édition suivante part de ce fichier.
"""


def accepted_mapping(edition: Edition, audience: Audience) -> dict[HeadingKey, str]:
    """What was accepted for this edition, by heading; nothing when no file is there. Raises ProblemsError."""
    file = _accepted_file(edition, audience)
    if not file.is_file():
        return {}
    return {_key(decision): decision.target for decision in parse(read_document(file), MappingFile).columns}


def proposal_file(edition: str, audience: Audience, workspace: Workspace) -> Path:
    return workspace.review(edition) / f"mapping-{audience}.yaml"


def write_proposal(
    edition: Edition, audience: Audience, workspace: Workspace, matches: Iterable[Match], known: Catalogue
) -> Path | None:
    """Put the doubtful columns and those left aside before a person, keeping what was already typed there.

    None when there are none. Nothing is written when the file would stay the same.
    """
    file = proposal_file(edition.name, audience, workspace)
    doubtful: dict[HeadingKey, Match] = {}
    files: dict[HeadingKey, list[str]] = {}
    for match in matches:
        if match.asked:
            doubtful.setdefault(match.key, match)
            files.setdefault(match.key, []).append(match.file)
    typed = _typed(file)
    if not doubtful and not file.is_file():
        return None
    single = _one_column_a_target(doubtful.values(), known)
    blocks = [_HELP.format(edition=edition.name, audience=audience)]
    blocks.append("columns:" if doubtful else "columns: []  # plus rien à décider")
    for name, match in doubtful.items():
        target = typed.get(name, match.candidates[0].target if name in single else "")
        blocks += _block(match, files[name], target, known)
    text = "\n".join(blocks) + "\n"
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, text)
    return file if doubtful else None


def accept(edition: Edition, audience: Audience, workspace: Workspace, initials: str, date: dt.date) -> Path:
    """Write what the proposal decides into the edition's `mappings/<audience>.yaml`, signed; returns that file.

    Earlier decisions stay unless the proposal decides the same column anew. Raises ProblemsError when there is nothing
    to accept, when a target is unknown, or when two columns of one heading claim one target.
    """
    file = proposal_file(edition.name, audience, workspace)
    if not file.is_file():
        raise ProblemsError([_nothing(file, "aucune proposition")])
    document = read_document(file)
    proposal = parse(document, MappingFile)
    decided = [decision for decision in proposal.columns if decision.target]
    if not initials.strip():
        raise ProblemsError(
            [Problem(found="pas d'initiales", expected="qui accepte", action="donnez vos initiales avec --initials")]
        )
    if not decided:
        raise ProblemsError([_nothing(file, "aucune colonne décidée")])
    problems = _check(document, proposal.columns, catalogue(edition, audience))
    if problems:
        raise ProblemsError(problems)
    target = _accepted_file(edition, audience)
    earlier = parse(read_document(target), MappingFile).columns if target.is_file() else ()
    kept = {_key(decision): decision for decision in earlier}
    for decision in decided:
        signed = decision.model_copy(update={"accepted_by": initials.strip(), "accepted_on": date})
        before = kept.get(_key(decision))
        if before is None or before.target != decision.target:
            kept[_key(decision)] = signed
    target.parent.mkdir(parents=True, exist_ok=True)
    _write_accepted(target, edition, audience, kept.values())
    return target


def carried_over(edition: Edition) -> list[str]:
    """Make a new edition's accepted columns, copied from the last, its own; says in French what became of them.

    Decisions keep who signed them and when. Those on a question or an option that is no more are left out.
    """
    said = []
    for audience in edition.audiences:
        file = _accepted_file(edition, audience)
        if not file.is_file():
            continue
        known = catalogue(edition, audience).targets
        decisions = parse(read_document(file), MappingFile).columns
        kept = [decision for decision in decisions if decision.target == IGNORE or decision.target in known]
        gone = sorted({decision.target for decision in decisions if decision not in kept})
        _write_accepted(file, edition, audience, kept)
        left = f" ; laissées, faute de question ou d'option : {', '.join(gone)}" if gone else ""
        said.append(f"{shown(file)} : colonnes déjà rattachées, reprises : {len(kept)}{left}.")
    return said


def _write_accepted(file: Path, edition: Edition, audience: Audience, decisions: Iterable[Decision]) -> None:
    blocks = [_ACCEPTED.format(edition=edition.name, audience=audience), "columns:"]
    for decision in decisions:
        blocks += [
            f"  - heading: {_quoted(decision.heading)}",
            *([f"    occurrence: {decision.occurrence}"] if decision.occurrence > 1 else []),
            f"    target: {decision.target}",
            *([f"    accepted_by: {_quoted(decision.accepted_by)}"] if decision.accepted_by else []),
            *([f"    accepted_on: {_quoted(decision.accepted_on.isoformat())}"] if decision.accepted_on else []),
        ]
    if len(blocks) == 2:
        blocks[1] = "columns: []"
    _write(file, "\n".join(blocks) + "\n")


def _accepted_file(edition: Edition, audience: Audience) -> Path:
    return edition.folder / "mappings" / f"{audience}.yaml"


def _key(decision: Decision) -> HeadingKey:
    return heading_key(decision.heading, decision.occurrence)


def _typed(file: Path) -> dict[HeadingKey, str]:
    """What a person already put in the proposal; nothing when it can't be read."""
    if not file.is_file():
        return {}
    try:
        return {_key(decision): decision.target for decision in parse(read_document(file), MappingFile).columns}
    except ProblemsError:
        return {}


def _one_column_a_target(matches: Iterable[Match], known: Catalogue) -> set[HeadingKey]:
    """The columns whose first candidate is all but the same wording and no other column of the same file has first."""
    claimed: dict[tuple[str, str], list[HeadingKey]] = {}
    for match in matches:
        if _is_likely(match, known):
            claimed.setdefault((match.file, match.candidates[0].target), []).append(match.key)
    return {keys[0] for keys in claimed.values() if len(keys) == 1}


def _is_likely(match: Match, known: Catalogue) -> bool:
    """Whether a person has only to read a proposal again: never for a code or an option without its question."""
    if match.how != "similarity" or not match.candidates or heading_kind(match.column) is not None:
        return False
    first = match.candidates[0]
    question = known.targets[first.target]
    return (
        first.score >= _LIKELY
        and (100 - first.score) / 100 * 2 * len(match.column.heading) <= _SLIPS
        and not known.questions[question].personal
        and (first.target == question or bool(match.column.option))
    )


def _block(match: Match, files: Sequence[str], target: str, known: Catalogue) -> list[str]:
    lines = [
        "",
        f"  # {_comment(', '.join(dict.fromkeys(files)))} : {_comment(match.reason)}",
        *(
            f"  #   {candidate.score:.0f}  {candidate.target} : {_comment(_label(candidate.target, known))}"
            for candidate in match.candidates
        ),
        f"  - heading: {_quoted(match.column.heading)}",
    ]
    if match.occurrence > 1:
        lines.append(f"    occurrence: {match.occurrence}")
    lines.append(f"    target: {target if target else _quoted('')}")
    return lines


def _label(target: str, known: Catalogue) -> str:
    question = known.targets[target]
    if target == question:
        return known.labels[target]
    return f"{known.labels[question]} → {known.labels[target]}"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar, which JSON's strings are."""
    return json.dumps(text, ensure_ascii=False)


def _check(document: Document, columns: Sequence[Decision], known: Catalogue) -> list[Problem]:
    problems: list[Problem] = []
    claims: set[tuple[str, str]] = set()
    for index, decision in enumerate(columns):
        here = ("columns", index, "target")
        if decision.target in {"", IGNORE}:
            continue
        # The same heading twice is in one file, or several times in one: never the same question.
        claim = (heading_key(decision.heading, 1)[0], decision.target)
        if decision.target not in known.targets:
            problems.append(
                document.problem(
                    here,
                    found=f"« {decision.target} »",
                    expected="le code d'une question, question__option, question__other_text, ou ignore",
                    action="corrigez « target », ou laissez-le vide",
                )
            )
        elif claim in claims and not takes_several_columns(decision.target, known):
            problems.append(
                document.problem(
                    here,
                    found=f"« {decision.target} » pour deux colonnes du même intitulé",
                    expected="une colonne par question ou par option",
                    action="mettez « ignore » à l'une des deux",
                )
            )
        claims.add(claim)
    return problems


def _nothing(file: Path, found: str) -> Problem:
    return Problem(
        file=shown(file),
        found=found,
        expected="des colonnes dont « target » est rempli",
        action="lancez « observatory run », relisez la proposition, puis recommencez",
    )


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_name(f".{file.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def unknown_targets(
    edition: Edition, audience: Audience, accepted: Mapping[HeadingKey, str], known: Catalogue
) -> list[Problem]:
    """Accepted columns whose question is no longer in the questionnaire, as warnings."""
    gone = sorted({target for target in accepted.values() if target != IGNORE and target not in known.targets})
    return [
        Problem(
            file=shown(_accepted_file(edition, audience)),
            column=target,
            found="une question ou une option que le questionnaire n'a plus",
            expected="une question de l'édition",
            action="supprimez ces colonnes du fichier, ou donnez-leur une autre « target »",
            severity="warning",
        )
        for target in gone
    ]
