"""Totals: sums of ledger entries and of construction facts, each with the rows it adds up. Reads only."""
