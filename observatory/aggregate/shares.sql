-- A row: share or count of one option of one indicator in one domain; n is the base, in respondents.
WITH answers AS (
    SELECT
        s.respondent,
        o.indicator,
        o.option,
        t.respondent IS NOT NULL AS chosen
    FROM indicator_options AS o
    JOIN respondent_states AS s
        ON s.question = o.question
        AND (s.state = 'answered' OR (o.base = 'shown' AND s.state <> 'not_shown'))
    LEFT JOIN respondent_ticks AS t
        ON t.respondent = s.respondent AND t.question = o.question AND t.option = o.option
),
cells AS (
    SELECT a.indicator, a.option, d.breakdown, d.category, count(*) AS n, count(*) FILTER (WHERE a.chosen) AS chosen
    FROM answers AS a
    JOIN indicator_members AS m ON m.indicator = a.indicator AND m.respondent = a.respondent
    JOIN respondent_domains AS d ON d.respondent = a.respondent
    GROUP BY ALL
)
SELECT
    o.indicator,
    d.breakdown,
    d.category,
    o.option,
    o.label,
    s.statistic,
    CASE s.statistic WHEN 'share' THEN c.chosen / c.n ELSE coalesce(c.chosen, 0) END AS value,
    coalesce(c.n, 0) AS n,
    CASE s.statistic WHEN 'share' THEN 'share' ELSE 'respondents' END AS unit,
    CAST(NULL AS INTEGER) AS reference_year,
    [o.position, d.position] AS position,
    'shares' AS query
FROM indicator_options AS o
JOIN indicator_domains AS d ON d.indicator = o.indicator
JOIN indicator_statistics AS s ON s.indicator = o.indicator
LEFT JOIN cells AS c
    ON c.indicator = o.indicator AND c.option = o.option AND c.breakdown = d.breakdown AND c.category = d.category
