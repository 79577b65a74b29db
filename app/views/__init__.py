"""Saved views: a filter, its columns and its layout under a name, for oneself or shared."""
