-- A row: one question of one respondent, with its state (not_shown, no_answer, answered).
CREATE OR REPLACE TEMP TABLE respondent_states AS
SELECT respondent, replace(name, '__state', '') AS question, state
FROM (
    UNPIVOT (SELECT respondent, {states} FROM {answers})
    ON {states_names} INTO NAME name VALUE state
)
