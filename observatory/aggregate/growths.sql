-- A row: growth of one total between the two reference years in one domain, as a share of the first.
-- Only respondents who gave both amounts count, in both: n is their number. Blank is never 0.
WITH cells AS (
    SELECT
        g.indicator,
        d.breakdown,
        d.category,
        count(*) AS n,
        sum(a.amount ORDER BY a.amount, a.respondent) AS first_total,
        sum(b.amount ORDER BY b.amount, b.respondent) AS last_total
    FROM indicator_growths AS g
    JOIN respondent_amounts AS a ON a.question = g.first
    JOIN respondent_amounts AS b ON b.question = g.last AND b.respondent = a.respondent
    JOIN indicator_members AS m ON m.indicator = g.indicator AND m.respondent = a.respondent
    JOIN respondent_domains AS d ON d.respondent = a.respondent
    GROUP BY ALL
)
SELECT
    g.indicator,
    d.breakdown,
    d.category,
    '' AS option,
    g.label,
    'change' AS statistic,
    c.last_total / nullif(c.first_total, 0) - 1 AS value,
    coalesce(c.n, 0) AS n,
    'share' AS unit,
    g.reference_year,
    [g.position, d.position] AS position,
    'growths' AS query
FROM indicator_growths AS g
JOIN indicator_domains AS d ON d.indicator = g.indicator
LEFT JOIN cells AS c ON c.indicator = g.indicator AND c.breakdown = d.breakdown AND c.category = d.category
