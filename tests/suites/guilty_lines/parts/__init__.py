"""A package whose path a test changes."""
