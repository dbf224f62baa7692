-- A row: change of one share since the previous edition, in share points (0 to 1).
-- A question whose lineage is broken has its row, without a value.
SELECT
    f.indicator,
    f.breakdown,
    f.category,
    f.option,
    f.label,
    'change' AS statistic,
    CASE WHEN c.comparable AND p.n >= {minimum_base} THEN f.value - p.value END AS value,
    least(f.n, coalesce(p.n, 0)) AS n,
    'share' AS unit,
    f.reference_year,
    f.position,
    'changes' AS query,
    NOT c.comparable AS broken
FROM measured AS f
JOIN indicator_changes AS c ON c.indicator = f.indicator
LEFT JOIN previous_figures AS p
    ON p.indicator = c.previous_indicator
    AND p.statistic = f.statistic
    AND p.breakdown = f.breakdown
    AND p.category = f.category
    AND p.option = f.option
WHERE f.statistic = 'share' AND (p.indicator IS NOT NULL OR NOT c.comparable)
