"""The index of names and codes: what the `q` of every list and the search over all rooms look into."""
