"""Industry task forces 产业招商专班: lead, members, industries, yearly targets."""
