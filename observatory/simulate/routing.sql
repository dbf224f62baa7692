-- One row an answer, in the order given; one column a condition: whether it holds.
SELECT {conditions}
FROM (SELECT place, {columns} FROM answers)
ORDER BY place
