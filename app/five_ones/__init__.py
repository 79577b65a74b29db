"""Five ones 五个一: one project, one leader, one team, one plan, followed through to the end."""
