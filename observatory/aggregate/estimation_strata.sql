-- A row: one stratum of the whole sample: its primary units, what in its columns can't be estimated with, and sums.
WITH estimation_sample AS (
    {sample}
)

SELECT stratum, {sums}
FROM estimation_sample
GROUP BY stratum
