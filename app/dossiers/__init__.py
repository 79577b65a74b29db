"""The page of one record in one request, the timelines that people read, and what changed since a stale read."""
