"""How a training step is executed: eagerly, or captured as a graph and compiled; and with how many threads."""
