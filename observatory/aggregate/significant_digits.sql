-- A function: a number rounded to so many significant digits.
CREATE OR REPLACE TEMP MACRO significant_digits(number, digits) AS CASE
    WHEN number = 0 OR NOT isfinite(number) THEN number
    ELSE round(number, digits - 1 - CAST(floor(log10(abs(number))) AS INTEGER))
END
