"""`five-ones check`: recomputes every invariant from the rows. Each finding names the row that breaks one."""
