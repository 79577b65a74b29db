"""Referrers 引荐方 and the channels a lead comes by: who brought it is a record, not a text."""
