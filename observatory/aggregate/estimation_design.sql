-- The one row: what in the columns of a design can't be estimated with.
WITH sample AS (
    {sample}
),

strata AS (
    SELECT
        {units} AS units,
        min(population) AS least,
        max(population) AS most
    FROM sample
    GROUP BY stratum
)

SELECT
    count(*) FILTER (weight IS NULL OR NOT isfinite(weight) OR weight < 0) AS weight,
    count(*) FILTER (initial IS NULL OR NOT isfinite(initial) OR initial < 0) AS initial_weight,
    count(*) FILTER (stratum IS NULL) AS stratum,
    count(*) FILTER (unit IS NULL) AS cluster,
    count(*) FILTER (population IS NULL) AS population,
    count(*) FILTER ({margin_missing}) AS calibration,
    (SELECT count(*) FROM strata WHERE least <> most) AS several_populations,
    (SELECT count(*) FROM strata WHERE units > most) AS small_populations,
    (SELECT count(*) FROM strata WHERE units = 1) AS lonely
FROM sample
