"""Démarches simplifiées: the list of files (« dossiers ») of a procedure, as CSV or as a workbook.

Belongs here: its metadata, what the state of a file says of its completeness, the sheets of repeated blocks. It joins
the answers of a multiple choice with `, ` and says nowhere which questions are multiple. The company that was
identified (SIRET, SIREN, name) is an answer, the rest that the registers say of it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from observatory.ingest.documents import Document
from observatory.ingest.files import Table
from observatory.ingest.tools.form import Column, Form, Role, Tool, make_form, role_among
from observatory.ingest.tools.signature import header_row, names, run_of, under
from observatory.phrases import listed
from observatory.problems import Problem
from observatory.wording import normalise

_MAIN = "Dossiers"
_STATE = "état du dossier"
_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(("id", "n° dossier", "numéro de dossier"), "id"),
    **dict.fromkeys(("déposé le", "date de dépôt"), "submitted"),
    **dict.fromkeys(
        (
            *(_STATE, "email", "franceconnect", "civilité", "nom", "prénom", "dépôt pour un tiers"),
            *("nom du mandataire", "prénom du mandataire", "date de naissance", "archivé", "à archiver"),
            *("domaine fonctionnel", "référentiel de programmation", "centre de coût"),
            *("dernière mise à jour le", "dernière mise à jour du dossier le", "passé en instruction le"),
            *("date décision sva", "date décision svr", "traité le", "motivation de la décision"),
            *("instructeurs", "groupe instructeur"),
        ),
        "other",
    ),
}
_ANSWERS = frozenset({"établissement siret", "entreprise siren", "entreprise raison sociale"})
_REGISTERS: Mapping[str, tuple[str, ...]] = {
    "établissement": (
        *("siège social", "naf", "libellé naf", "adresse", "numero voie", "type voie", "nom voie"),
        *("complément adresse", "code postal", "localité", "code insee localité"),
    ),
    "entreprise": (
        *("capital social", "numero tva intracommunautaire", "forme juridique", "forme juridique code"),
        *("nom commercial", "siret siège social", "code effectif entreprise", "date de création"),
        *("état administratif", "nom", "prénom"),
    ),
    "association": (*("rna", "titre", "objet", "date de création", "date de déclaration", "date de publication"),),
}
_COMPANY = frozenset(f"{what} {field}" for what, fields in _REGISTERS.items() for field in fields)
_SIGNS = 3

_COMPLETE = {
    "brouillon": "false",
    **dict.fromkeys(("en construction", "en instruction", "accepté", "refusé", "classé sans suite"), "true"),
}


def _is_header(found: tuple[str, ...]) -> bool:
    return (
        _STATE in found
        and len(
            {
                "id",
                "email",
                "franceconnect",
                "déposé le",
                "archivé",
                "à archiver",
                "dernière mise à jour le",
                "instructeurs",
                "n° dossier",
            }.intersection(found)
        )
        >= _SIGNS
    )


def _recognise(document: Document) -> float:
    if not document.tables:
        return 0.0
    return 0.0 if header_row(_main(document), _is_header) is None else 0.95


def _main(document: Document) -> Table:
    return document.sheet(_MAIN) or document.table


def _read(document: Document) -> Form:
    table = _main(document)
    layout = under(table, header_row(table, _is_header) or 0)
    found = names(layout.headings)
    metadata = run_of(found, _ROLES.keys() | _COMPANY | _ANSWERS)
    columns = [
        Column(position, heading.text, heading.text, role=_role(heading.text, position < metadata))
        for position, heading in enumerate(layout.headings)
    ]
    state = found.index(_STATE)
    return make_form(
        "demarches_simplifiees",
        table,
        layout,
        columns,
        complete=[_COMPLETE.get(normalise(cell)) for cell in layout.columns[state]],
        warnings=(*document.warnings, *_blocks(document, table)),
    )


def _role(heading: str, is_metadata: bool) -> Role | None:
    if is_metadata and normalise(heading) in _COMPANY:
        return "other"
    return role_among(heading, _ROLES if is_metadata else {})


def _blocks(document: Document, main: Table) -> Sequence[Problem]:
    left = [table.sheet for table in document.tables if table is not main]
    if not left:
        return ()
    shown = listed(f"« {sheet} »" for sheet in left)
    return (
        Problem(
            file=document.file,
            found=f"des feuilles d'établissements, d'avis ou de blocs répétables, qui ne sont pas lues : {shown}",
            expected=f"les réponses dans la feuille « {main.sheet} »",
            action="rien si le questionnaire n'a pas de bloc répétable ; sinon, ses réponses ne sont pas comptées",
            severity="warning",
        ),
    )


TOOL = Tool("demarches_simplifiees", "Démarches simplifiées", _recognise, _read)
