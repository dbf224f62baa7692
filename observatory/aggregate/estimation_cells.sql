-- A row: one variable in one domain and one stratum, with the sums that its estimate and its variance are made of.
-- `p` and `q` are the weighted numerator and denominator of a primary unit. Their (co)variances are DuckDB's, which are
-- computed around the means: differences of sums of squares would lose the digits of what hardly varies.
SELECT
    {keys},
    count(p) AS units,
    sum(w) AS size,
    sum(w * w) AS squares,
    sum(p) AS p,
    var_pop(p) AS pp,
    covar_pop(p, q) AS pq,
    var_pop(q) AS qq
    {sums}
FROM {units}
GROUP BY ALL
ORDER BY {keys}
