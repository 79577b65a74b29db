"""The event log: every change is logged in its own transaction."""
