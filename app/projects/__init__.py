"""The project: its amounts by version, phases, evidence, status; the stage table; who works on it."""
