"""Settings of an office that affect everybody: the stage table and the working calendar."""
