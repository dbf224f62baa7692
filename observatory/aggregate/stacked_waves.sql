-- A row: one respondent of one of two waves. A wave's auxiliary columns are zero for the other's respondents.
SELECT * {filled}
FROM (
    {before}
    UNION ALL BY NAME
    {after}
)
