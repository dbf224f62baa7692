-- A row: one measure of one item of one indicator in one domain, unmasked; n is the base, in respondents.
-- A domain without a respondent has its row too; ranks are those of everyone together. `cv` is the coefficient of
-- variation of an amount, or of the ratio that a rate or a growth is made of; shares are judged otherwise.
-- `dominance` is the share of the amounts, or of either side of the ratio, that the largest contributor has.
SELECT
    i.indicator,
    d.breakdown,
    d.category,
    i.option,
    i.label,
    i.statistic,
    CASE i.statistic WHEN 'count' THEN coalesce(e.value, 0) ELSE e.value END AS value,
    e.low,
    e.high,
    CASE
        WHEN i.statistic IN ('total', 'mean', 'ratio') THEN e.se / nullif(abs(e.value), 0)
        WHEN i.statistic = 'change' THEN e.se / nullif(abs(e.value + 1), 0)
    END AS cv,
    e.se,
    CASE WHEN i.statistic IN ('total', 'ratio', 'change') OR (i.statistic = 'mean' AND i.unit <> 'share')
        THEN m.dominance
    END AS dominance,
    CAST(coalesce(e.n, 0) AS BIGINT) AS n,
    e.n_eff,
    e.df,
    i.unit,
    CAST(i.reference_year AS INTEGER) AS reference_year,
    [i.position, d.position] AS position,
    CASE i.statistic
        WHEN 'count' THEN 'counts'
        WHEN 'median' THEN 'estimation_quantiles'
        WHEN 'rank' THEN 'estimation_covariances'
        ELSE 'estimation_cells'
    END AS query,
    {weighted} AND i.statistic = 'total' AS extrapolated
FROM measure_items AS i
JOIN measure_domains AS d ON d.indicator = i.indicator AND (i.statistic <> 'rank' OR d.breakdown = '')
LEFT JOIN estimates AS e
    ON e.variable = i.indicator || '|' || i.item
    AND e.statistic = i.statistic
    AND e.breakdown = d.breakdown
    AND e.category = d.category
LEFT JOIN dominances AS m
    ON m.variable = i.indicator || '|' || i.item
    AND m.breakdown = d.breakdown
    AND m.category = d.category
