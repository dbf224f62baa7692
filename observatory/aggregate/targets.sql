-- A row: one estimate of everyone that a target of the edition is set beside, in one year.
SELECT
    t.target,
    t.label AS target_label,
    coalesce(f.reference_year, t.edition_year) AS year,
    f.value,
    f.se,
    f.low,
    f.high,
    f.statistic,
    f.cv,
    f.dominance,
    f.extrapolated,
    f.n,
    f.n_eff,
    f.df,
    f.unit,
    f.position
FROM targets AS t
JOIN measured AS f
    ON f.indicator = t.indicator
    AND f.statistic = t.statistic
    AND f.option = t.option
    AND f.breakdown = ''
ORDER BY t.target, year
