"""Projects: versions of amounts, phases, evidence, moves, placements, team members; and the stage table."""
