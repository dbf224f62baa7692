-- A row: one variable in one domain and one stratum, and one margin of the calibration: the sums of its products with
-- the numerator and the denominator of the respondents (`bp`, `bq`) and of the primary units (`p`, `q`).
SELECT
    {keys},
    pair[1] AS place,
    sum(bp * pair[2]) AS bp,
    sum(bq * pair[2]) AS bq,
    sum(p * pair[2]) AS p,
    sum(q * pair[2]) AS q
FROM (SELECT * EXCLUDE (present), unnest(present) AS pair FROM ({rows}))
GROUP BY ALL
ORDER BY {keys}
