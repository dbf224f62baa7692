"""Numbers, amounts, percentages and dates as people type them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from observatory.validate.numbers import read_amount, read_date, read_number, read_percent
from observatory.validate.refusals import Refusal


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("1234.5", 1234.5),
        ("1234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u202f234\u202f567", 1234567),
        ("1\u00a0234\u00a0567,50", 1234567.5),
        ("1 234.5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("0,125", 0.125),
        ("0.125", 0.125),
        ("1234,567", 1234.567),
        ("-5", -5),
        ("\u22125", -5),
        (" 12 ", 12),
    ],
)
def test_a_number_is_read_in_french_and_in_english(typed: str, number: float) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize("typed", ["1.234", "1,234", "12.345", "350,000", "350.000", "1 234,567", "1 234.567"])
def test_what_may_be_thousands_or_decimals_is_refused(typed: str) -> None:
    assert isinstance(read_number(typed), Refusal)
    assert isinstance(read_amount(f"{typed} €"), Refusal)


@pytest.mark.parametrize(
    "typed",
    ["", "-", "nan", "inf", "1e3", "1,2E+07", "12 34", "1 23", "1,2,3", "12²", "٣", "environ 300", "10-20", "3 ou 4"],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert isinstance(read_number(typed), Refusal)


@pytest.mark.parametrize(
    ("typed", "euros"),
    [
        ("12 M€", 12e6),
        ("1,5M€", 1.5e6),
        ("350 k€", 350e3),
        ("350K€", 350e3),
        ("12 MEUR", 12e6),
        ("1,2 milliard d'euros", 1.2e9),
        ("3 millions d’euros", 3e6),
        ("2 Md€", 2e9),
        ("€ 1,234.50", 1234.5),
        ("1 234 567 €", 1234567),
        ("5 000 EUR HT", 5000),
        ("0", 0),
    ],
)
def test_an_amount_is_read_with_its_unit(typed: str, euros: float) -> None:
    assert read_amount(typed) == euros


@pytest.mark.parametrize(("written", "number"), [("1.5E7", 15_000_000), ("6.0E10", 60_000_000_000)])
def test_large_numbers_of_odk_collect_are_whole(written: str, number: float) -> None:
    assert read_amount(written) == read_number(written) == number


@pytest.mark.parametrize("typed", ["1,2E+11", "1.2E+11", "2E10"])
def test_what_a_spreadsheet_shortened_is_refused(typed: str) -> None:
    assert isinstance(read_amount(typed), Refusal)
    assert isinstance(read_number(typed), Refusal)


@pytest.mark.parametrize("typed", ["12 m€", "2 billion", "5 000 € TTC", "12 $", "€", "environ 300 €"])
def test_an_amount_in_a_doubtful_unit_is_refused(typed: str) -> None:
    assert isinstance(read_amount(typed), Refusal)


@pytest.mark.parametrize(("typed", "points"), [("12", 12), ("12,5 %", 12.5), ("12.5%", 12.5), ("1,234", 1.234)])
def test_a_percentage_is_read_in_points(typed: str, points: float) -> None:
    assert read_percent(typed) == points


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("2025-11-12", dt.date(2025, 11, 12)),
        ("2025-11-12T09:30:00", dt.date(2025, 11, 12)),
        ("12/11/2025", dt.date(2025, 11, 12)),
        ("1/2/2025", dt.date(2025, 2, 1)),
    ],
)
def test_a_date_is_read_the_day_first(typed: str, date: dt.date) -> None:
    assert read_date(typed) == date


@pytest.mark.parametrize("typed", ["05/31/2025", "31/02/2025", "12/11/25", "novembre", "2025"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    assert isinstance(read_date(typed), Refusal)


CENTS = st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=2)


@given(CENTS, st.sampled_from(["fr", "en", "de"]), st.booleans())
def test_a_number_written_with_cents_comes_back(number: Decimal, locale: str, grouped: bool) -> None:
    typed = format_decimal(number, format="#,##0.00", locale=locale, group_separator=grouped)
    assert read_number(typed) == float(number)
    assert read_amount(typed + " €") == float(number)


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from(["fr", "en", "de"]))
def test_a_whole_number_comes_back_or_is_refused_as_ambiguous(number: int, locale: str) -> None:
    typed = format_decimal(number, locale=locale)
    read = read_number(typed)
    one_group = 1000 <= abs(number) < 10**6
    assert isinstance(read, Refusal) if one_group and locale != "fr" else read == number


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(typed: str) -> None:
    for read in (read_number, read_amount, read_percent):
        assert isinstance(read(typed), float | Refusal)
