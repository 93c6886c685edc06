"""Feature networks in whose features pictures are compared, one module each."""
