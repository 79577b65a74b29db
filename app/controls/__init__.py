"""Controls that two people loosen: one asks, another confirms."""
