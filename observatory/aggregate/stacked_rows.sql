-- A row: one respondent of the two waves compared: is it of the later one, its stratum, unit, domains, and numbers.
WITH estimation_sample AS (
    {sample}
)

SELECT late, stratum, unit, inside, weight, initial, population, x {keys} {numbers}
FROM estimation_sample
