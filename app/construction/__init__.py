"""Construction facts that are counted besides stages: the year's plan list, collective starts, work resumptions."""
