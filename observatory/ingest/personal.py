"""Which columns of a form hold personal data, and of what kind.

Belongs here: the words that head such columns in the languages of the forms, what their cells look like, and how many
must. Does not belong here: what becomes of them (protection.py).

A column is personal when at least half of its filled cells, and three or all of them, are addresses, telephone
numbers or the like; or when its heading says so and its cells don't belie it: a column « E-mail » with « Oui » and
« Non » holds no address. Names can only be told by their heading. What is looked at is a sample of the distinct cells,
each counted as often as it stands.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from observatory.ingest.headers import PLACEHOLDERS
from observatory.ingest.patterns import EMAIL
from observatory.ingest.telephones import is_firm_number, looks_like_phone, phone_of
from observatory.ingest.tools.form import Column, Form, truth
from observatory.wording import key, normalise, squeeze

Kind = Literal["name", "contact", "email", "phone", "ip", "address", "location", "account"]
Reason = Literal["heading", "content"]

KINDS: Mapping[Kind, str] = {
    "name": "nom de personne",
    "contact": "personne ou coordonnées",
    "email": "adresse électronique",
    "phone": "téléphone",
    "ip": "adresse IP",
    "address": "adresse postale",
    "location": "position géographique",
    "account": "nom d'utilisateur",
}
"""As readers know them."""

_SHARE = 0.5
_FEWEST = 3


@dataclass(frozen=True)
class Personal:
    """A column that holds personal data, the kind, and whether its heading or its content gave it away."""

    column: Column
    kind: Kind
    reason: Reason


def personal_columns(form: Form, among: Collection[Column] | None = None) -> tuple[Personal, ...]:
    """The personal columns of a form that hold anything, in order; with `among`, of those columns alone."""
    found = (_personal(form, column) for column in (form.columns if among is None else among))
    return tuple(personal for personal in found if personal is not None)


def heading_kind(column: Column) -> Kind | None:
    """What a column's heading alone says it holds."""
    for text in _texts(column):
        if kind := _heading_kind(text):
            return kind
    # An option « contact » is a reason or a means, and no person.
    if not (column.option or column.option_code) and any(map(_asks_for_a_person, _texts(column))):
        return "contact"
    return None


def email_of(cell: str) -> str | None:
    """The one e-mail address that a cell is, in the form in which equal ones are equal."""
    text = cell.strip().removeprefix("mailto:").strip("<>")
    return text.casefold() if EMAIL.fullmatch(text) else None


def _personal(form: Form, column: Column) -> Personal | None:
    headed = heading_kind(column)
    filled = {
        cell: count
        for text, count in form.cells.sample(column.position).items()
        if (cell := text.strip()) and cell not in form.not_shown
    }
    if not filled:
        return None
    total = sum(filled.values())
    # What a tool declares to be a number or a choice holds no telephone number, however long.
    kinds: tuple[Kind, ...] = (
        ("email", "ip") if column.kind not in {None, "text"} else ("email", "ip", "phone", "location")
    )
    for kind in kinds:
        hits = sum(count for cell, count in filled.items() if _LOOKS[kind](cell))
        if hits == total or (hits >= _FEWEST and hits >= _SHARE * total):
            return Personal(column, kind, "content")
    if headed is not None and _bears_out(headed, filled, column):
        return Personal(column, headed, "heading")
    return None


def _bears_out(kind: Kind, filled: Mapping[str, int], column: Column) -> bool:
    """Whether the cells may be what the heading says."""
    if kind in {"name", "contact", "address", "account"}:
        # An option's column repeats its label, or ticks it.
        said = {cell: count for cell, count in filled.items() if not _says_nothing(cell, column)}
        lettered = sum(count for cell, count in said.items() if _lettered(cell, digits=kind != "name"))
        return bool(said) and 2 * lettered >= sum(said.values())
    plausible = _PLAUSIBLE[kind]
    return any(plausible(cell) for cell in filled)


def _says_nothing(cell: str, column: Column) -> bool:
    return truth(cell) is not None or normalise(cell) in {
        normalise(column.option),
        normalise(column.question),
        *_NOBODY,
    }


def _lettered(cell: str, digits: bool) -> bool:
    letters = any(character.isalpha() for character in cell)
    return letters and (digits or not any(character.isdigit() for character in cell))


# What cells look like

_PREFIXED = re.compile(r"\(?(?:\+|0)")
_GEOPOINT = re.compile(r"-?\d{1,3}\.\d{3,}[\s,;]+-?\d{1,3}\.\d{3,}(?:[\s,;]+-?\d+(?:\.\d+)?){0,2}")
_DECIMAL = re.compile(r"-?\d{1,3}[.,]\d+")
_NOBODY = frozenset({"anonymous", "anonyme", "anonym", "anónimo", "anonimo", "anônimo", "n/a", "[removed]"})
"""What tools write for those who are not named."""


def _is_phone(cell: str) -> bool:
    """A telephone number beyond doubt: other numbers have no prefix."""
    return _PREFIXED.match(cell) is not None and not is_firm_number(cell) and phone_of(cell) is not None


def _is_ip(cell: str) -> bool:
    try:
        ipaddress.ip_address(cell)
    except ValueError:
        return False
    return True


def _digits(cell: str) -> int:
    return sum(character.isdigit() for character in cell)


_LOOKS: Mapping[str, Callable[[str], bool]] = {
    "email": lambda cell: email_of(cell) is not None,
    "ip": _is_ip,
    "phone": _is_phone,
    "location": lambda cell: _GEOPOINT.fullmatch(cell) is not None,
}
_PLAUSIBLE: Mapping[str, Callable[[str], bool]] = {
    "email": lambda cell: email_of(cell) is not None,
    "ip": lambda cell: any(character.isdigit() for character in cell),
    "phone": lambda cell: looks_like_phone(cell) and _digits(cell) >= 6,
    "location": lambda cell: (_GEOPOINT.fullmatch(cell) or _DECIMAL.fullmatch(cell)) is not None,
}


# What headings say


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_EMAILS = _words("mail email mails emails courriel recipientemail emailaddress mailadresse emailadresse correo")
_EMAIL_PHRASES = ("adresse electronique", "adresse de messagerie", "posta elettronica", "endereco eletronico")
_PHONES = _words(
    "telephone telephones phone phonenumber tel telefon telefonnummer rufnummer handynummer mobilnummer telefono"
    " telefone cellulare celular gsm"
)
_PHONES_ALONE = _words("mobile portable handy movil fixe")
_FIRST_NAMES = _words(
    "prenom prenoms firstname lastname fullname surname forename vorname nachname familienname cognome sobrenome"
    " apellido apellidos recipientlastname recipientfirstname"
)
_NAMES = _words("nom noms name names nombre nombres nome nomes")
_IPS = _words("ip ipaddr ipaddress ipadresse adresseip addressip direccionip indirizzoip enderecoip")
_ACCOUNTS = frozenset(
    squeeze(name)
    for name in (
        "username",
        "user name",
        "user",
        "user id",
        "login",
        "submitted by",
        "submitter",
        "identifiant de connexion",
        "nom d'utilisateur",
        "nom utilisateur",
        "utilisateur",
        "Benutzername",
        "Benutzer",
        "usuario",
        "nombre de usuario",
        "utente",
        "nome utente",
        "nome de usuário",
        "device id",
        "subscriber id",
        "sim serial",
        "imei",
        "external reference",
        "external data reference",
        "Github username",
        "Github handle",
        "Twitter handle",
        "Linkedin",
        "profil Linkedin",
    )
)
_PERSONS = _words(
    "contact contacts coordonnees dirigeant dirigeante dirigeants interlocuteur interlocutrice interlocuteurs referent"
    " referente referents responsable responsables signataire signataires representant representants repondant"
    " repondante identite kontakt ansprechpartner contacto contatto contato"
)
_BESIDE_PERSONS = _words(
    "nom noms privilegie privilegiee privilegies principal principale principaux chez vous ce cette key main"
)
_WHO = re.compile(
    r"(?:qui a|qui est la personne qui a|personne (?:ayant|qui a)|nom de la personne (?:ayant|qui a)|who)"
    r" (?:rempli|repondu|complete|saisi|renseigne|filled|completed|answered)\b"
    r"|qui (?:remplit|repond|complete|renseigne)\b"
    r"|(?:rempli|renseigne|complete|filled in|filled|completed) (?:par|by)\b"
)
"""« Qui a rempli ce formulaire ? »"""

_ADDRESSES = _words("adresse address anschrift direccion indirizzo endereco domicilio rue street strasse")
_LOCATIONS = _words(
    "latitude longitude gps geopoint geolocation geolocalisation locationlatitude locationlongitude breitengrad"
    " laengengrad langengrad latitud longitud latitudine longitudine"
)
_BESIDE = _words(
    "votre vos your ihr ihre vor tu su il tuo seu sua vostro et and und y e ou or oder de du des del della di do da le"
    " la les l d the of a au pour for famille family last first full middle given maiden naissance usage complet"
    " complete completo contact kontakt contacto contatto contato person personne persona pessoa repondant respondent"
    " referent interlocuteur responsable signataire participant representant legal formulaire personnel personnelle"
    " personal professionnel professionnelle professional privat pro work home domicile office bureau numero number"
    " numeri nummer no n num ligne direct postal postale mailing street mobile fixe child childs enfant m mme mr mrs ms"
    " mobile 1 2 quel quelle est what is wie lautet cual es qual please enter indiquez saisissez"
)
"""What may stand beside such a word and leave its meaning: « votre nom », « nom et prénom du contact »."""

_MOST_WORDS = 12
"""A longer question about e-mail or telephones asks for something else: only its answers can tell."""


@lru_cache(maxsize=8192)
def _heading_kind(text: str) -> Kind | None:
    words = key(text).split()
    present = set(words)
    if not words or len(words) > _MOST_WORDS:
        return None
    if squeeze(text) in _ACCOUNTS:
        return "account"
    if present & _EMAILS or (words[:2] == ["e", "mail"] or " e mail" in f" {key(text)}"):
        return "email"
    if any(phrase in key(text) for phrase in _EMAIL_PHRASES):
        return "email"
    if squeeze(text) in _IPS or {"ip"} < present <= {"ip", *_ADDRESSES, *_BESIDE}:
        return "ip"
    if present & _LOCATIONS:
        return "location"
    kinds: tuple[tuple[Kind, bool], ...] = (
        ("phone", bool(present & _PHONES) or _only(present, _PHONES_ALONE)),
        ("name", bool(present & _FIRST_NAMES) or _only(present, _NAMES)),
        ("address", _only(present, _ADDRESSES)),
    )
    return next((kind for kind, said in kinds if said), None)


@lru_cache(maxsize=8192)
def _asks_for_a_person(text: str) -> bool:
    words = key(text).split()
    if not words or len(words) > _MOST_WORDS:
        return False
    return _WHO.match(" ".join(words)) is not None or (
        not _PERSONS.isdisjoint(words) and set(words) <= _PERSONS | _BESIDE | _BESIDE_PERSONS
    )


def _only(present: set[str], meant: frozenset[str]) -> bool:
    return bool(present & meant) and present <= meant | _BESIDE | _FIRST_NAMES


def _texts(column: Column) -> Iterable[str]:
    """What may name the column: under a question with options, the option, not the question."""
    option = "" if normalise(column.option) in PLACEHOLDERS else column.option
    texts = (column.code if not option else "", option or column.question, option and column.option_code)
    for text in dict.fromkeys((*texts, *(() if option else (column.heading,)))):
        if text:
            yield text
            # `group/question`, `member[1]/name`
            head, slash, tail = text.rpartition("/")
            if slash and " " not in head:
                yield tail
