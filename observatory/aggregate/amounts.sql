-- A row: total, mean or median of one numeric question in one domain; n is the number of respondents who gave it.
WITH cells AS (
    SELECT
        q.indicator,
        q.question,
        d.breakdown,
        d.category,
        count(*) AS n,
        sum(a.amount ORDER BY a.amount, a.respondent) AS total,
        sum(a.amount ORDER BY a.amount, a.respondent) / count(*) AS mean,
        quantile_disc(a.amount, 0.5) AS median
    FROM indicator_amounts AS q
    JOIN respondent_amounts AS a ON a.question = q.question
    JOIN indicator_members AS m ON m.indicator = q.indicator AND m.respondent = a.respondent
    JOIN respondent_domains AS d ON d.respondent = a.respondent
    GROUP BY ALL
)
SELECT
    q.indicator,
    d.breakdown,
    d.category,
    '' AS option,
    q.label,
    s.statistic,
    CASE s.statistic WHEN 'total' THEN c.total WHEN 'mean' THEN c.mean ELSE c.median END AS value,
    coalesce(c.n, 0) AS n,
    q.unit,
    q.reference_year,
    [q.position, d.position] AS position,
    'amounts' AS query
FROM indicator_amounts AS q
JOIN indicator_domains AS d ON d.indicator = q.indicator
JOIN indicator_statistics AS s ON s.indicator = q.indicator
LEFT JOIN cells AS c
    ON c.indicator = q.indicator AND c.question = q.question AND c.breakdown = d.breakdown AND c.category = d.category
