"""Units (city, districts, zones, departments), officials and their posts by term."""
