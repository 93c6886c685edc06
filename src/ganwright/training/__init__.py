"""Training: prepare, plan and tune a run, then train it."""
