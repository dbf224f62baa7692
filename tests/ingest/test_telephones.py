"""Telephone numbers and e-mail addresses, however people write them, and what only looks like one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.ingest.cells import MemoryColumns
from observatory.ingest.protection import EMAIL_REMOVED, PHONE_REMOVED, redactions
from observatory.ingest.telephones import phone_of

WRITTEN = [
    *("06\u202f12\u202f34\u202f56\u202f78", "06\u00a012\u00a034\u00a056\u00a078", "06\u200912\u200934\u200956\u200978"),
    *("06\u201112\u201134\u201156\u201178", "06–12–34–56–78", "06/12/34/56/78", "06,12,34,56,78", "06_12_34_56_78"),
    *("06·12·34·56·78", "06 - 12 - 34 - 56 - 78", "06.12.34.56.78", "0612345678", "06 12 345 678", "(06)12345678"),
    *(
        "0590 12 34 56",
        "0594 30 12 34",
        "0262 41 23 45",
        "0692 12 34 56",
        "0696.12.34.56",
        "0692123456",
        "0639 01 23 45",
    ),
    *("06 92 12 34 56", "0594 301 234", "0508 41 12 34", "+590 690 12 34 56", "+687 26.34.56", "+689 87 12 34 56"),
    *("+33\u202f6\u202f12\u202f34\u202f56\u202f78", "+33 (0)6 12 34 56 78", "00 33 6 12 34 56 78", "07 12 34 56 78"),
]


@pytest.mark.parametrize("number", WRITTEN)
def test_a_telephone_number_is_taken_out_of_free_text_however_written(number: str) -> None:
    text = f"Appelez le {number}, merci"
    assert redactions([text], free_text=True) == {text: f"Appelez le {PHONE_REMOVED}, merci"}


@pytest.mark.parametrize("between", ["/", " / ", " ou ", ", ", "\n", " - "])
def test_both_of_two_telephone_numbers_are_taken_out(between: str) -> None:
    text = f"06 12 34 56 78{between}07 12 34 56 78"
    assert redactions([text], free_text=True) == {text: f"{PHONE_REMOVED}{between}{PHONE_REMOVED}"}


@pytest.mark.parametrize("number", ["Bretagne :\u202f07 55 66 77 25", "Bretagne, 0692 12 34 56", "06/12/34/56/78"])
def test_a_telephone_number_is_taken_out_of_a_closed_question_however_written(number: str) -> None:
    assert MemoryColumns([(number,)], 1).may_hold_contacts(0)
    (left,) = redactions([number], free_text=False).values()
    assert PHONE_REMOVED in left and not any(character.isdigit() for character in left)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "jean (at) x.fr",
            "jean[at]x[dot]fr",
            "jean @ x.fr",
            "jean＠x.fr",
            "JEAN.D＠SECRETMAIL.FR",
            "jean(a)mail.com",
        ),
        *("jean (arobase) x (point) fr", "jean{at}x.co.uk", "jean.d@sous.domaine.gouv.fr"),
    ],
)
@pytest.mark.parametrize("free_text", [True, False])
def test_a_disguised_address_is_taken_out(address: str, free_text: bool) -> None:
    text = f"Écrivez à {address} avant lundi"
    assert redactions([text], free_text=free_text) == {text: f"Écrivez à {EMAIL_REMOVED} avant lundi"}


@pytest.mark.parametrize(
    "kept",
    [
        *("SIREN 732 829 320, SIRET 73282932000074 ou 732 829 320 00074", "404 833 048 00022", "00552013500012"),
        *(
            "de 10 000 000 à 50 000 000 €, soit 1 234 567 890 en 2023-2024",
            "1,234,567,890.50",
            "12 500,00",
            "0,12345678",
        ),
        *("le 01/02/2024 à 10h30", "01/02/2024 10:30", "du 01/02/2024 au 05/06/2025", "01.02.2024 - 03.04.2024"),
        *(
            "2019, 2020, 2021, 2022",
            "2019/2020/2021/2022",
            "départements 01,02,03,04,05",
            "FR44732829320",
            "0.123456789",
        ),
        *("réf. 2025/0612/3456", "lot 2024-0612-345678", "12 34 56 78", "1.2.3.4.5.6.7.8", "20240102 030405"),
        *("un salon (a) tenir.", "(at) bientôt", "RDV @ Paris", "kubernetes@v1.2", "https://exemple.org/@moi"),
    ],
)
def test_amounts_dates_and_firm_numbers_stay(kept: str) -> None:
    assert redactions([kept], free_text=True) == {}


@given(
    st.integers(1, 9_999_999_999), st.sampled_from([" ", "\u202f", "\u00a0", "."]), st.sampled_from(["", " €", " k€"])
)
def test_an_amount_stays_in_a_closed_question(amount: int, separator: str, unit: str) -> None:
    typed = f"{amount:,}".replace(",", separator) + unit
    assert redactions([typed], free_text=False) == {}


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y %H:%M", "%d/%m/%y", "%Y"]),
)
def test_a_date_stays(day: dt.date, writing: str) -> None:
    text = f"depuis le {format(day, writing)} environ"
    assert redactions([text], free_text=True) == {}


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0692 12 34 56", "+262692123456"),
        ("0590123456", "+590590123456"),
        ("06,12,34,56,78", "+33612345678"),
        ("06–12–34–56–78", "+33612345678"),
        ("612345678", "+33612345678"),
        ("12 34 56 78", None),
        ("26.34.56", None),
        ("01/02/2024", None),
    ],
)
def test_a_cell_that_is_a_telephone_number(cell: str, number: str | None) -> None:
    assert phone_of(cell) == number
