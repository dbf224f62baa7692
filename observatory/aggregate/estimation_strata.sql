-- A row: one stratum of the whole sample: its primary units, what in its columns can't be estimated with, and sums.
WITH sample AS (
    {sample}
)

SELECT
    stratum,
    {units} AS units,
    min(population) AS population,
    max(population) AS most,
    count(*) - count(population) AS no_population,
    count(*) FILTER (weight IS NULL OR NOT isfinite(weight) OR weight < 0) AS no_weight,
    count(*) FILTER (initial IS NULL OR NOT isfinite(initial) OR initial < 0) AS no_initial,
    count(*) - count(stratum) AS no_stratum,
    count(*) - count(unit) AS no_unit,
    count(*) FILTER ({margin_missing}) AS no_margin
    {averages}
    {margin_totals}
FROM sample
GROUP BY stratum
