"""Moves of projects: gates, moves, endings, corrections, transfers, phases."""
