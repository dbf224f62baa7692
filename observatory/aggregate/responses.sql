-- A row: one question: how many respondents it was shown to, and how many of them answered it.
SELECT
    position,
    count(*) FILTER (state <> 'not_shown') AS shown,
    count(*) FILTER (state = 'answered') AS answered
FROM (SELECT unnest([{states}]) AS state, unnest(range({count})) AS position FROM {answers})
GROUP BY position
ORDER BY position
