-- A row: one variable in one domain, with its estimate and what its variance, interval and design effect are made of.
WITH {scores},

units AS NOT MATERIALIZED (
    {by_unit}
),

cells AS (
    SELECT
        variable,
        domain,
        stratum,
        count(*) AS units_inside,
        sum(score) AS total,
        -- Welford's variance: the difference of two sums of squares would lose the digits of a variance near zero
        var_pop(score) * count(*) AS spread,
        sum(weight * weight) AS squares,
        sum(deviations) AS deviations
        {margin_cells}
    FROM units
    GROUP BY variable, domain, stratum
),

variances AS (
    SELECT
        variable,
        domain,
        sum(factor * (spread + total * total * (1 / units_inside - centring))) * count(*) / count(factor) AS variance,
        sum(squares) AS squares,
        sum(squares * remaining) AS squares_remaining,
        sum(units_inside) - count(*) AS df,
        sum(deviations) AS deviations
        {margin_sums}
    FROM cells
    JOIN strata USING (stratum)
    GROUP BY variable, domain
)

SELECT
    v.variable,
    d.*,
    coalesce(e.n, 0) AS n,
    coalesce(e.n_other, 0) AS n_other,
    e.size,
    e.value,
    e.scale,
    r.* EXCLUDE (variable, domain)
FROM (SELECT unnest(range({count})) AS variable) AS v
CROSS JOIN domains AS d
LEFT JOIN estimates AS e ON e.variable = v.variable AND e.domain = d.domain
LEFT JOIN variances AS r ON r.variable = v.variable AND r.domain = d.domain
ORDER BY v.variable, d.domain
