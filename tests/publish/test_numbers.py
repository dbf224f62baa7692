"""Numbers as French and English readers write them."""

from __future__ import annotations

import datetime as dt

import pytest

from observatory.publish.numbers import (
    decimal,
    decimal_range,
    euros,
    euros_range,
    integer,
    long_date,
    ordinal,
    percent,
    percent_range,
    points,
)
from observatory.publish.typography import typeset


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(0.4231), "42\u202f%"),
        (percent(0.4231, 1), "42,3\u202f%"),
        (percent(0.285), "29\u202f%"),  # 28,5 rounds up, whatever floating point makes of 0.285 × 100
        (percent(0.18, sign=True), "+18\u202f%"),
        (percent(-0.0002, 1), "0,0\u202f%"),
        (percent(0.4231, 1, "en"), "42.3%"),
        (integer(1234567), "1\u202f234\u202f567"),
        (decimal(-1234.56), "\u22121\u202f234,6"),
        (decimal(-0.04), "0,0"),
        (decimal(-0.04, sign=True), "0,0"),
        (points(0.032), "3,2\u00a0points"),
        (points(-0.032, unit=False, sign=True), "\u22123,2"),
        (percent_range((0.384, 0.461)), "38–46\u202f%"),
        (percent_range((0.381, 0.384)), "38,1–38,4\u202f%"),
        (percent_range((0.018, 0.0241), 1, "en"), "1.8–2.4%"),
        (euros_range((1_200_000_000, 1_540_000_000)), "1,20–1,54\u00a0Md€"),
        (euros_range((800_000_000, 1_540_000_000)), "0,80–1,54\u00a0Md€"),
        (euros_range((12_000_000, 15_400_000), language="en"), "€12.0–15.4m"),
        (decimal_range((2, 4), 0), "2–4"),
        (decimal_range((3, 3), 0), "3"),
        (ordinal(1), "1er"),
        (ordinal(2), "2e"),
        (ordinal(12, "en"), "12th"),
        (ordinal(22, "en"), "22nd"),
        (points(0.018), "1,8\u00a0point"),
        (points(0.02), "2,0\u00a0points"),
        (points(-0.00001, sign=True), "0,0\u00a0point"),
        (points(-0.032, sign=True), "\u22123,2\u00a0points"),
        (points(0.018, language="en"), "1.8\u00a0points"),
        (euros(1477100489), "1,48\u00a0Md€"),
        (euros(1234500000, unit="M€"), "1\u202f234,5\u00a0M€"),
        (euros(296000000), "296,0\u00a0M€"),
        (euros(432000), "432\u00a0k€"),
        (euros(-432000), "\u2212432\u00a0k€"),
        (euros(12), "12\u00a0€"),
        (euros(0), "0\u00a0€"),
        (euros(1477100489, language="en"), "€1.48bn"),
        (euros(-296000000, language="en"), "\u2212€296.0m"),
        (long_date(dt.date(2023, 11, 12)), "12 novembre 2023"),
        (long_date(dt.date(2026, 3, 1)), "1er mars 2026"),
    ],
)
def test_a_number_is_written_as_its_readers_write_it(written: str, expected: str) -> None:
    assert written == expected


def test_french_text_gets_its_spaces_and_quotes_and_keeps_them() -> None:
    text = "L'achat : « oui » ; vraiment ? n = 12, 42 % et 1 234 M€"
    expected = (
        "L’achat\u00a0: «\u00a0oui\u00a0»\u202f; vraiment\u202f? n\u00a0=\u00a012, 42\u202f% et 1\u202f234\u00a0M€"
    )
    assert typeset(text, "fr") == expected
    assert typeset(expected, "fr") == expected


def test_english_text_keeps_its_own_spaces() -> None:
    assert typeset("It's: “yes”; 42%", "en") == "It’s: “yes”; 42%"
    assert typeset("Buyers ; n = 12", "en") == "Buyers; n = 12"
