-- A row: two margins of the calibration in one stratum: the sums of their products over the respondents, with the
-- initial weights, and over the primary units; the total of the first.
WITH paired AS (
    SELECT stratum, initial, weight, one[1] AS one, two[1] AS two, one[2] AS first, two[2] AS second
    FROM (
        SELECT *, unnest(present) AS two
        FROM (SELECT *, unnest(present) AS one FROM ({rows}))
    )
    WHERE one[1] <= two[1]
)

SELECT
    stratum,
    one,
    two,
    sum(initial * first * second) AS normal,
    sum(weight * weight * first * second) AS square,
    sum(weight * first) AS total
FROM paired
GROUP BY ALL
