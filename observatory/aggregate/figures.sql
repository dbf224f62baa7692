-- A row: one published figure. Under the minimum base a cell keeps its name and loses every number.
SELECT
    concat_ws(
        '/',
        getvariable('edition'),
        indicator || '.' || statistic,
        nullif(breakdown || '=' || category, '='),
        nullif(option, ''),
        CAST(reference_year AS VARCHAR)
    ) AS figure_id,
    getvariable('edition') AS edition,
    audience,
    indicator,
    breakdown,
    category,
    option,
    label,
    statistic,
    CASE WHEN NOT hidden THEN value END AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    CASE WHEN NOT hidden THEN n END AS n,
    CASE WHEN NOT hidden THEN CAST(n AS DOUBLE) END AS n_eff,
    unit,
    reference_year,
    perimeter,
    getvariable('edition') AS vintage,
    CASE
        WHEN broken THEN 'b'
        WHEN hidden AND (n < 3 OR hidden_before = 'c') THEN 'c'
        WHEN hidden THEN 'u'
        WHEN n < {low_base} THEN 'u'
        ELSE ''
    END AS flag,
    hidden AS suppressed,
    query || '.sql ' || digest || ' inputs ' || getvariable('inputs') || ' code ' || getvariable('code') AS provenance
FROM (
    SELECT
        f.*,
        i.audience,
        i.perimeter,
        d.digest,
        i.position AS place,
        n < {minimum_base} OR hidden_before IS NOT NULL AS hidden
    FROM measured AS f
    JOIN indicators AS i ON i.indicator = f.indicator
    JOIN queries AS d ON d.query = f.query
)
ORDER BY place, breakdown, position, option, statistic, reference_year NULLS FIRST, figure_id
