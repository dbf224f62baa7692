-- A row: one measure of the edition, with what changes and targets tell of theirs beside it. A growth is significant where
-- its interval holds no 0: it is not one of several options, as a change of shares is.
CREATE OR REPLACE TEMP TABLE measured AS
SELECT
    *,
    false AS broken,
    CAST(NULL AS VARCHAR) AS hidden_before,
    false AS low_before,
    CAST(NULL AS BIGINT) AS apart,
    CASE WHEN statistic = 'change' AND isfinite(low) AND isfinite(high) THEN low > 0 OR high < 0 END AS significant
FROM (
    FROM {shares}
    UNION ALL FROM {volumes}
)
