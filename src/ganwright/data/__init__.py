"""Data sets, one module each, and loaders for user files."""
