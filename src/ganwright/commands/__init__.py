"""What the program does, one file a verb; effects live here and in `run.py`."""
