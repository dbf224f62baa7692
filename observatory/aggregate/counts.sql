-- A row: one variable in one domain: how many respondents are in its base, and how many of them it is 1 for.
SELECT variable, category, count(answer) AS n, sum(answer) AS chosen
FROM (
    SELECT {category} AS category, unnest([{variables}]) AS answer, unnest(range({count})) AS variable
    FROM {answers}
)
GROUP BY variable, category
