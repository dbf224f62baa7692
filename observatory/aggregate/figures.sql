-- A row: one published figure. A cell that is hidden keeps its name and loses every number. Numbers are rounded to 13
-- significant digits: the last ones depend on how threads shared the sums. A median and its bounds, which are answers of
-- single respondents, are rounded to two and need ten respondents.
-- Three limits in this order: confidentiality hides as `c`, quality withholds as `u`, and flags as `u` what stays.
WITH judged AS (
    SELECT
        f.*,
        i.audience,
        i.perimeter,
        i.position AS place,
        d.digest,
        f.n < {confidential_base}
        OR coalesce(f.dominance > {dominance} * (1 + 1e-12), false)
        OR coalesce(f.hidden_before = 'c', false)
        OR coalesce(f.apart BETWEEN 1 AND {confidential_base} - 1, false) AS confidential,
        f.n < {minimum_base}
        OR (f.statistic = 'median' AND f.n < 10)
        OR f.hidden_before IS NOT NULL
        OR coalesce(f.cv > {cv_withheld}, false)
        OR (NOT f.broken AND NOT coalesce(isfinite(f.value), false)) AS insufficient,
        CASE
            WHEN f.statistic = 'count' THEN false
            WHEN f.statistic = 'total' THEN coalesce(f.cv > {cv_caution}, false)
            WHEN f.statistic = 'share' THEN f.n_eff < {low_base} OR f.high - f.low > {widest_interval}
            ELSE coalesce(f.cv > {cv_caution}, false) OR coalesce(f.n_eff, f.n) < {low_base}
        END
        OR coalesce(f.low_before, false) AS cautious
    FROM measured AS f
    JOIN indicators AS i ON i.indicator = f.indicator
    JOIN queries AS d ON d.query = f.query
),
shown AS (
    SELECT
        *,
        confidential OR insufficient AS hidden,
        CASE WHEN statistic = 'median' THEN 2 ELSE 13 END AS digits,
        CASE
            WHEN broken THEN 'b'
            WHEN confidential THEN 'c'
            WHEN insufficient THEN 'u'
            ELSE concat(
                CASE WHEN cautious THEN 'u' END,
                CASE WHEN extrapolated THEN 'e' END,
                CASE WHEN statistic = 'change' AND value IS NOT NULL AND significant IS FALSE THEN 'n' END
            )
        END AS flag
    FROM judged
)
SELECT
    concat_ws(
        '/',
        getvariable('edition'),
        indicator || '.' || statistic,
        nullif(breakdown || '=' || category, '='),
        nullif(option, ''),
        CAST(reference_year AS VARCHAR)
    ) AS figure_id,
    getvariable('edition') AS edition,
    audience,
    indicator,
    breakdown,
    category,
    option,
    label,
    statistic,
    CASE WHEN NOT hidden THEN significant_digits(value, digits) END AS value,
    CASE WHEN NOT hidden THEN significant_digits(low, digits) END AS low,
    CASE WHEN NOT hidden THEN significant_digits(high, digits) END AS high,
    CASE WHEN NOT hidden THEN n END AS n,
    CASE WHEN NOT hidden AND isfinite(n_eff) THEN significant_digits(n_eff, 13) END AS n_eff,
    unit,
    reference_year,
    perimeter,
    getvariable('edition') AS vintage,
    flag,
    hidden AS suppressed,
    query || '.sql ' || digest || ' inputs ' || getvariable('inputs') || ' code ' || getvariable('code') AS provenance
FROM shown
ORDER BY place, breakdown, position, option, statistic, reference_year NULLS FIRST, figure_id
