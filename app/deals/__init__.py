"""Agreements, and the signing ledger that every total is a sum of."""
