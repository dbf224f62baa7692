-- A row: one variable in one domain and one stratum, with the sums that its estimate and its variance are made of.
-- `p` and `q` are the weighted numerator and denominator of a primary unit. Their (co)variances are DuckDB's, which are
-- computed around the means: differences of sums of squares would lose the digits of what hardly varies.
WITH estimation_sample AS NOT MATERIALIZED (
    {sample}
),

answers AS NOT MATERIALIZED (
    SELECT *, CASE WHEN c IS NOT NULL THEN weight END AS w
    FROM ({answers})
)

SELECT
    variable,
    {keys}
    stratum,
    count({p}) AS units,
    {n} AS n,
    {n_other} AS n_other,
    sum(w) AS size,
    sum(w * w) AS squares,
    sum({p}) AS p,
    sum({q}) AS q,
    var_pop({p}) AS pp,
    covar_pop({p}, {q}) AS pq,
    var_pop({q}) AS qq,
    sum({cc}) AS cc
    {products}
FROM {units}
GROUP BY ALL
ORDER BY variable {order}
