-- A row: one respondent in one domain. Breakdown '' and category '' is everyone.
CREATE OR REPLACE TEMP TABLE respondent_domains AS
SELECT respondent, '' AS breakdown, '' AS category
FROM {answers}
UNION ALL
SELECT respondent, question AS breakdown, option AS category
FROM respondent_ticks
WHERE question IN (SELECT breakdown FROM indicator_domains)
