"""Changes that loosen a control take two people: one asks, another confirms."""
