"""`five-ones check`: every invariant recomputed from the rows, each finding naming the row that breaks it."""
