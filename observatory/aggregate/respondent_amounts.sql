-- A row: one number given by one respondent (EUR for amounts, units otherwise). Blank is absent, never 0.
CREATE OR REPLACE TEMP TABLE respondent_amounts AS
SELECT respondent, name AS question, amount
FROM (
    UNPIVOT (SELECT respondent, {numbers} FROM {answers})
    ON {numbers_names} INTO NAME name VALUE amount
)
