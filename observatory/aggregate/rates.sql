-- A row: ratio of totals, mean or median of individual rates in one domain.
-- n is the number of respondents who gave both amounts, the denominator above 0.
WITH cells AS (
    SELECT
        r.indicator,
        r.numerator,
        d.breakdown,
        d.category,
        count(*) AS n,
        sum(a.amount ORDER BY a.amount, a.respondent) / sum(b.amount ORDER BY b.amount, b.respondent) AS ratio,
        sum(a.amount / b.amount ORDER BY a.amount / b.amount, a.respondent) / count(*) AS mean,
        quantile_disc(a.amount / b.amount, 0.5) AS median
    FROM indicator_rates AS r
    JOIN respondent_amounts AS a ON a.question = r.numerator
    JOIN respondent_amounts AS b ON b.question = r.denominator AND b.respondent = a.respondent AND b.amount > 0
    JOIN indicator_members AS m ON m.indicator = r.indicator AND m.respondent = a.respondent
    JOIN respondent_domains AS d ON d.respondent = a.respondent
    GROUP BY ALL
)
SELECT
    r.indicator,
    d.breakdown,
    d.category,
    '' AS option,
    r.label,
    s.statistic,
    CASE s.statistic WHEN 'ratio' THEN c.ratio WHEN 'mean' THEN c.mean ELSE c.median END AS value,
    coalesce(c.n, 0) AS n,
    'share' AS unit,
    r.reference_year,
    [r.position, d.position] AS position,
    'rates' AS query
FROM indicator_rates AS r
JOIN indicator_domains AS d ON d.indicator = r.indicator
JOIN indicator_statistics AS s ON s.indicator = r.indicator
LEFT JOIN cells AS c
    ON c.indicator = r.indicator
    AND c.numerator = r.numerator
    AND c.breakdown = d.breakdown
    AND c.category = d.category
