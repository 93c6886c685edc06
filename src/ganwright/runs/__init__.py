"""Runs on disk: folder, checkpoints, provenance, and inference with the trained networks."""
