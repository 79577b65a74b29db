"""The search over all rooms."""
