"""Referrers 引荐方 and the channels by which leads arrive: a referrer is a record, not a text."""
