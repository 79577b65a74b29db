"""Published figures 对外发布数: what was published, beside what the system has. Data is never changed to match them."""
