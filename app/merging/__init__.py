"""并入: two records of one project or enterprise become one."""
