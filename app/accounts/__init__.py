"""Who may sign in, by which token, in which roles; builds the Actor that every verb is given."""
