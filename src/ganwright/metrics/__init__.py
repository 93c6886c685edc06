"""Metrics, pure functions of samples, one module each."""
