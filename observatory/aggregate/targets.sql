-- A row: how far an estimate is ahead of the path to a target in its reference year, in the target's unit.
-- `low` and `high` are the bounds of the two one-sided tests: above 0 the estimate is ahead, under 0 behind, else it is
-- compatible with the path.
WITH gaps AS (
    SELECT t.*, f.n, f.n_eff, f.cv, f.unit, f.position, t.direction * (f.value - t.required) AS gap, t.reach * f.se AS reached
    FROM targets AS t
    JOIN measured AS f
        ON f.indicator = t.indicator
        AND f.statistic = t.statistic
        AND f.reference_year = t.reference_year
        AND f.breakdown = ''
)
SELECT
    target AS indicator,
    '' AS breakdown,
    '' AS category,
    '' AS option,
    label,
    'change' AS statistic,
    gap AS value,
    gap - reached AS low,
    gap + reached AS high,
    cv,
    n,
    n_eff,
    unit,
    CAST(reference_year AS INTEGER) AS reference_year,
    position,
    'targets' AS query,
    false AS extrapolated,
    false AS broken,
    false AS low_before,
    gap - reached > 0 OR gap + reached < 0 AS significant
FROM gaps
