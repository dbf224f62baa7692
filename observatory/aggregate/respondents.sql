-- A row: number of respondents of one domain.
WITH cells AS (
    SELECT m.indicator, d.breakdown, d.category, count(*) AS n
    FROM indicator_members AS m
    JOIN respondent_domains AS d ON d.respondent = m.respondent
    GROUP BY ALL
)
SELECT
    i.indicator,
    d.breakdown,
    d.category,
    '' AS option,
    i.label,
    'count' AS statistic,
    CAST(coalesce(c.n, 0) AS DOUBLE) AS value,
    coalesce(c.n, 0) AS n,
    'respondents' AS unit,
    CAST(NULL AS INTEGER) AS reference_year,
    [i.position, d.position] AS position,
    'respondents' AS query
FROM indicator_respondents AS i
JOIN indicator_domains AS d ON d.indicator = i.indicator
LEFT JOIN cells AS c ON c.indicator = i.indicator AND c.breakdown = d.breakdown AND c.category = d.category
