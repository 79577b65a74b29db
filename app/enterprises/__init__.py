"""Investors and their groups, rankings, contacts."""
