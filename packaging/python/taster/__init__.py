"""The command `taster` for Python: `python -m taster` starts it. There is nothing to import here."""
