"""SIREN numbers as people type them.

Belongs here: reading one SIREN from text, or refusing it. Does not belong here: what two
answers of one SIREN mean (respondents.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import ModuleType

from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret

from observatory.firm_numbers import SCIENTIFIC, firm_digits
from observatory.validate.refusals import Refusal

_EXPECTED = "un SIREN : neuf chiffres, le dernier étant une clé de contrôle"


def read_siren(text: str) -> str | Refusal:
    """Nine digits without spaces. A SIRET gives the SIREN it starts with, a VAT number the one it ends with.

    A lost leading zero is told, not mended.
    """
    if SCIENTIFIC.fullmatch(text.strip()):
        return Refusal(
            "siren",
            _EXPECTED,
            "Excel a arrondi ce numéro et ses derniers chiffres sont perdus : reprenez-le dans l'outil du formulaire",
        )
    digits = firm_digits(text) or ""
    if is_siren(digits):
        return digits
    if re.fullmatch("[0-9]{14}", digits) and _valid(siret, digits) and is_siren(digits[:9]):
        return digits[:9]
    if re.fullmatch("[0-9]{6,8}", digits) and is_siren(digits.zfill(9)):
        zeros = "le zéro initial" if len(digits) == 8 else "les zéros initiaux"
        return Refusal("siren", _EXPECTED, f"Excel a sans doute retiré {zeros} : est-ce {digits.zfill(9)} ?")
    if re.fullmatch("[0-9]{9}", digits):
        return Refusal(
            "siren", _EXPECTED, "la clé de contrôle est fausse : vérifiez le numéro (annuaire des entreprises)"
        )
    return Refusal("siren", _EXPECTED, "retrouvez le SIREN de l'organisation (annuaire des entreprises)")


@lru_cache(maxsize=1 << 17)
def is_siren(text: str) -> bool:
    """Whether the text is exactly a valid SIREN; the sentinel of nine zeros is not one."""
    return re.fullmatch("[0-9]{9}", text) is not None and text != "000000000" and _valid(siren, text)


def _valid(number: ModuleType, text: str) -> bool:
    try:
        number.validate(text)
    except ValidationError:
        return False
    return True
