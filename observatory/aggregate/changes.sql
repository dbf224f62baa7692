-- A row: change of one share since the previous edition, in share points (0 to 1); n is the smaller base.
-- A question, field or breakdown whose lineage is broken has its row, without a value.
-- `hidden_before` is the flag of the previous edition's share where that was hidden: what is hidden stays so here.
-- The interval and the test rest on the answers of both editions: without them, or where they no longer give what the
-- previous edition published, the difference has neither, and nothing is said of its significance.
WITH compared AS (
    SELECT
        f.indicator,
        f.option,
        f.label,
        f.position,
        f.reference_year,
        f.breakdown,
        f.category,
        f.value,
        f.n,
        f.n_eff,
        -- an option or a category that is called otherwise than when it was published may mean something else
        c.comparable AND o.option IS NULL AND k.option IS NULL AS comparable,
        p.value AS value_before,
        p.n AS n_before,
        p.n_eff AS n_eff_before,
        CASE WHEN p.suppressed THEN p.flag END AS hidden_before,
        coalesce(p.flag LIKE '%u%', false) OR coalesce(f.high - f.low > {widest_interval}, false) AS low_before
    FROM measured AS f
    JOIN indicators AS i ON i.indicator = f.indicator
    JOIN indicator_changes AS c ON c.indicator = f.indicator AND c.breakdown = f.breakdown
    LEFT JOIN previous_figures AS p
        ON p.indicator = c.previous_indicator
        AND p.statistic = f.statistic
        AND p.breakdown = f.breakdown
        AND p.category = f.category
        AND p.option = f.option
    LEFT JOIN relabelled AS o
        ON o.audience = i.audience AND o.question = c.previous_question AND o.option = f.option
    LEFT JOIN relabelled AS k ON k.audience = i.audience AND k.question = f.breakdown AND k.option = f.category
    WHERE f.statistic = 'share' AND (p.indicator IS NOT NULL OR NOT c.comparable)
),
tested AS (
    SELECT c.*, e.low, e.high, e.significant, e.option IS NOT NULL AS reproduced
    FROM compared AS c
    LEFT JOIN estimated_changes AS e
        ON e.indicator = c.indicator
        AND e.breakdown = c.breakdown
        AND e.category = c.category
        AND e.option = c.option
        AND abs(e.before - c.value_before) < 1e-9
),
panel AS (
    SELECT c.* EXCLUDE (low, high, significant), e.value AS change, e.low, e.high, e.significant, e.n AS n_panel, e.apart
    FROM tested AS c
    JOIN estimated_changes AS e ON e.indicator = c.indicator AND e.option = c.option AND e.breakdown = 'panel'
    WHERE c.breakdown = '' AND c.comparable AND c.reproduced
)
SELECT
    indicator,
    breakdown,
    category,
    option,
    label,
    'change' AS statistic,
    CASE WHEN comparable THEN value - value_before END AS value,
    CASE WHEN comparable THEN low END AS low,
    CASE WHEN comparable THEN high END AS high,
    least(n, n_before) AS n,
    least(n_eff, n_eff_before) AS n_eff,
    'share' AS unit,
    reference_year,
    position,
    'changes' AS query,
    false AS extrapolated,
    NOT comparable AS broken,
    hidden_before,
    low_before,
    CAST(NULL AS BIGINT) AS apart,
    significant
FROM tested
UNION ALL
SELECT
    indicator,
    'panel' AS breakdown,
    'constant' AS category,
    option,
    label,
    'change' AS statistic,
    change AS value,
    low,
    high,
    CAST(n_panel AS BIGINT) AS n,
    least(n_panel - 1, n_eff, n_eff_before) AS n_eff,
    'share' AS unit,
    reference_year,
    position,
    'changes' AS query,
    false AS extrapolated,
    false AS broken,
    hidden_before,
    low_before,
    CAST(apart AS BIGINT) AS apart,
    significant
FROM panel
