-- The table expressions of statements about single respondents. A row of the last, `scores`, is one respondent's
-- linearised residual for one variable in one domain. Respondents outside the domain would add zero and have no row.
estimation_sample AS {kept} (
    {sample}
),

domains AS MATERIALIZED (
    {domains}
),

answers AS NOT MATERIALIZED (
    SELECT *
    FROM (
        SELECT domain, stratum, unit, weight, x, unnest([{variables}]) AS y, unnest(range({count})) AS variable
        FROM estimation_sample
        JOIN domains ON {same_domain}
        WHERE inside AND weight > 0 AND x IS NOT NULL
    )
    WHERE y IS NOT NULL
),

estimates AS MATERIALIZED (
    SELECT variable, domain, {slope} AS slope, {scale} AS scale FROM answers GROUP BY variable, domain
),

scores AS NOT MATERIALIZED (
    SELECT a.*, (a.y - e.slope * a.x) / e.scale AS score
    FROM answers AS a
    JOIN estimates AS e USING (variable, domain)
)
