-- The one row: the sums of the products of the calibration's margins, two by two, with the initial weights.
WITH estimation_sample AS (
    {sample}
)

SELECT {products}
FROM estimation_sample
