"""Reference data that all rooms read: industries and the working calendar."""
