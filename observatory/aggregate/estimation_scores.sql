-- The table expressions that every estimate starts from. A row of the last, `scores`, is one respondent's linearised
-- residual for one variable in one domain. Respondents outside the domain would add zero and have no row, but count in
-- `strata`, as the whole sample does.
sample AS {kept} (
    {sample}
),

strata AS MATERIALIZED (
    SELECT
        stratum,
        CASE WHEN population IS NULL THEN 1 ELSE greatest(1 - units / population, 0) END AS remaining,
        CASE WHEN units > 1 THEN remaining * units / (units - 1) ELSE {lonely_factor} END AS factor,
        CASE WHEN units > 1 THEN 1 / units ELSE {lonely_centring} END AS centring
        {margin_totals}
    FROM (
        SELECT stratum, CAST({units} AS DOUBLE) AS units, any_value(population) AS population {margin_totals_inside}
        FROM sample
        GROUP BY stratum
    )
),

domains AS MATERIALIZED (
    {domains}
),

answers AS NOT MATERIALIZED (
    SELECT {answers}
    FROM (
        SELECT
            domain, stratum, unit, weight, initial, x {margins},
            unnest([{variables}]) AS y,
            unnest(range({count})) AS variable
        FROM sample
        JOIN domains ON {same_domain}
        WHERE inside AND weight > 0 AND x IS NOT NULL
    )
    {thresholds}
    WHERE y IS NOT NULL
),

estimates AS MATERIALIZED (
    SELECT
        variable,
        domain,
        count(*) AS n,
        count(*) FILTER (y <> 0 AND y <> 1) AS n_other,
        sum(weight) AS size,
        {value} AS value,
        {slope} AS slope,
        {level} AS level,
        {scale} AS scale
    FROM answers
    GROUP BY variable, domain
),

scores AS NOT MATERIALIZED (
    SELECT a.*, a.y - e.slope * a.x AS residual, residual - e.level AS deviation, residual / e.scale AS score
    FROM answers AS a
    JOIN estimates AS e USING (variable, domain)
)
