"""Signing totals: sums of ledger entries that open up into their rows. Reads only."""
