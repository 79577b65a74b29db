"""Leads 线索: possibilities not yet judged worth a project; registered, answered, assessed, converted."""
