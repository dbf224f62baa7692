-- A row: one respondent of the two waves compared, units together and in the order of their strata: is it of the later
-- wave, its unit, firm and stratum and its domains (numbers from 0, missing outside of them), what estimates need of it.
WITH estimation_sample AS (
    {sample}
)

SELECT
    late,
    dense_rank() OVER (ORDER BY stratum, unit) - 1 AS unit,
    dense_rank() OVER (ORDER BY unit) - 1 AS firm,
    dense_rank() OVER (ORDER BY stratum) - 1 AS stratum,
    weight,
    initial,
    population,
    x
    {domains}
    {numbers}
FROM estimation_sample
ORDER BY unit, late
