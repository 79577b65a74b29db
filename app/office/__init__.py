"""What an office sets for everybody: the stage table and the working calendar."""
