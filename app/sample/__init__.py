"""The sample city: data named in the article is real and states its source; the rest is made up and marked 示例."""
