"""The shelf of data sets, one file each, and the readers for a user's own files."""
