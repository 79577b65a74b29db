"""The `five-ones` command."""
