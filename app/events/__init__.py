"""The event log: every change is logged in the transaction that makes it."""
