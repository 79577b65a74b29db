"""Published figures 对外发布数: what was said in public, beside what the system has. Data is never bent to fit."""
