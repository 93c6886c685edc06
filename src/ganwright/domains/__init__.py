"""Domains, one file each: what samples are, and how they are stored, encoded, rendered, read and written."""
