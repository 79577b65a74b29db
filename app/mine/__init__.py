"""Who I am, what I have to do and by when, and what I have set for the pages."""
