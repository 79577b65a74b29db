"""Reference data the whole house reads: industries and the working calendar."""
