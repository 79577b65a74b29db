"""Accounts: users, roles, tokens, sessions and sign-in. Builds the Actor that every verb is given."""
