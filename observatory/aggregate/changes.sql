-- A row: change of one share since the previous edition, in share points (0 to 1); n is the smaller base.
-- A question, field or breakdown whose lineage is broken has its row, without a value.
-- `hidden_before` is the flag of the previous edition's share where that was hidden: what is hidden stays so here.
SELECT
    f.indicator,
    f.breakdown,
    f.category,
    f.option,
    f.label,
    'change' AS statistic,
    CASE WHEN c.comparable THEN f.value - p.value END AS value,
    least(f.n, p.n) AS n,
    'share' AS unit,
    f.reference_year,
    f.position,
    'changes' AS query,
    NOT c.comparable AS broken,
    CASE WHEN p.suppressed THEN p.flag END AS hidden_before
FROM measured AS f
JOIN indicator_changes AS c ON c.indicator = f.indicator AND c.breakdown = f.breakdown
LEFT JOIN previous_figures AS p
    ON p.indicator = c.previous_indicator
    AND p.statistic = f.statistic
    AND p.breakdown = f.breakdown
    AND p.category = f.category
    AND p.option = f.option
WHERE f.statistic = 'share' AND (p.indicator IS NOT NULL OR NOT c.comparable)
