"""Leads 线索: opportunities not yet judged worth a project; registered, answered, assessed, converted."""
