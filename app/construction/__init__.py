"""What is counted of construction beside stages: the year's plan list, collective starts, work resumptions."""
