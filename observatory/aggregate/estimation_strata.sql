-- A row: one stratum of the whole sample: its primary units, what in its columns can't be estimated with, and sums.
WITH estimation_sample AS (
    {sample}
)

SELECT
    stratum,
    count(*) AS rows,
    {units} AS units,
    min(population) AS population,
    max(population) AS most,
    count(*) - count(population) AS no_population,
    {no_weight} AS no_weight,
    {no_initial} AS no_initial,
    count(*) - count(stratum) AS no_stratum,
    count(*) - count(unit) AS no_unit,
    {no_margin} AS no_margin
    {averages}
    {margin_totals}
FROM estimation_sample
GROUP BY stratum
