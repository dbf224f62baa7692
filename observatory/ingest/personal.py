"""Columns that hold personal data: who answered, and how to reach them.

Belongs here: telling such columns, and why. Does not belong here: what is done with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from observatory.ingest.tools.form import Column, Form
from observatory.ingest.wording import key

PersonalKind = Literal["name", "email", "phone", "ip", "address"]

_HEADINGS: tuple[tuple[PersonalKind, str], ...] = (
    ("email", r"(?:adresse )?(?:e ?mail|courriel|electronique|de messagerie)|email address|submitter email"),
    ("phone", r"(?:numero de )?telephone|phone(?: number)?|mobile"),
    ("ip", r"(?:adresse )?ip(?: address)?|ipaddr|ipaddress"),
    ("name", r"(?:votre )?(?:nom|prenom)s?(?: et prenoms?)?|name|(?:first|last|full) name|submitter"),
    ("address", r"adresse(?: postale)?|(?:postal |street )?address"),
)


@dataclass(frozen=True)
class Personal:
    """One column that holds personal data, and why that is known."""

    column: Column
    kind: PersonalKind
    reason: str


def personal_columns(form: Form) -> tuple[Personal, ...]:
    """The columns whose heading says that they hold personal data."""
    found = []
    for column in form.columns:
        heading = key(column.heading)
        for kind, pattern in _HEADINGS:
            if re.fullmatch(pattern, heading):
                found.append(Personal(column, kind, "son en-tête le dit"))
                break
    return tuple(found)
