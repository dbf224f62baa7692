-- A row: one amount in one domain, and what share of it its largest contributor has: an organisation, whatever number
-- of answers it gave.
SELECT variable, category, max(amount) / nullif(sum(amount), 0) AS dominance
FROM (
    SELECT variable, category, sum(abs(answer)) AS amount
    FROM (
        SELECT
            {category} AS category,
            coalesce(firm, respondent) AS unit,
            unnest([{variables}]) AS answer,
            unnest(range({count})) AS variable
        FROM {answers}
    )
    WHERE answer IS NOT NULL
    GROUP BY variable, category, unit
)
GROUP BY variable, category
