"""The event log: every change, in the same transaction as the change."""
