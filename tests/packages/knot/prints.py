"""Prints when it is imported."""

print("good morning")
