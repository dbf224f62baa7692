-- A row: one option that one respondent chose, of a question with one or with several answers.
CREATE OR REPLACE TEMP TABLE respondent_ticks AS
SELECT respondent, split_part(name, '__', 1) AS question, substr(name, strpos(name, '__') + 2) AS option
FROM (
    UNPIVOT (SELECT respondent, {several} FROM {answers})
    ON {several_names} INTO NAME name VALUE chosen
)
WHERE chosen
UNION ALL
SELECT respondent, name AS question, option
FROM (
    UNPIVOT (SELECT respondent, {one} FROM {answers})
    ON {one_names} INTO NAME name VALUE option
)
