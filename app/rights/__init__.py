"""What the caller may do with a record: `may`, on records with the reason why not, on rows with the open acts alone."""
