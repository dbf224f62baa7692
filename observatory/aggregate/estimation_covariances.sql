-- A row: two scores (estimates in the order of their rows, then the margins of the calibration) and their covariance.
WITH {scores},

units AS MATERIALIZED (
    SELECT place, stratum, unit, sum(score) AS score
    FROM ({score_rows})
    WHERE score <> 0 -- most margins of most units: nothing to pair
    GROUP BY place, stratum, unit
),

totals AS MATERIALIZED (
    SELECT place, stratum, sum(score) AS total FROM units GROUP BY place, stratum
),

products AS (
    SELECT one.place AS one, two.place AS two, stratum, sum(one.score * two.score) AS product
    FROM units AS one
    JOIN units AS two USING (stratum, unit)
    WHERE one.place <= two.place
    GROUP BY one.place, two.place, stratum
    UNION ALL
    SELECT one.place, two.place, stratum, -one.total * two.total * centring
    FROM totals AS one
    JOIN totals AS two USING (stratum)
    JOIN estimation_strata USING (stratum)
    WHERE one.place <= two.place
)

SELECT one, two, sum(factor * product) AS covariance
FROM products
JOIN estimation_strata USING (stratum)
GROUP BY one, two
