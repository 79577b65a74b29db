"""The sample city: what the article names is real and carries its source, the rest is made up and says so."""
