-- A row: one variable in one domain and, for each share asked for, the least value that this share of the weights does
-- not pass (inverse of the distribution function).
WITH {scores},

ordered AS (
    SELECT
        variable,
        domain,
        y,
        sum(weight) OVER (PARTITION BY variable, domain ORDER BY y ROWS UNBOUNDED PRECEDING) AS below,
        sum(weight) OVER (PARTITION BY variable, domain) AS size
    FROM answers
)

SELECT
    variable,
    domain,
    -- a share that falls on a respondent's own, but for the rounding of the sums, is that respondent's
    min(y) FILTER (below >= (value - 1e-12) * size) AS value,
    min(y) FILTER (below >= (low - 1e-12) * size) AS low,
    min(y) FILTER (below >= (high - 1e-12) * size) AS high
FROM ordered
JOIN estimation_shares USING (variable, domain)
GROUP BY variable, domain
ORDER BY variable, domain
