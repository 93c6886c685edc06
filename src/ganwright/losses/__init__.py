"""The shelf of losses, one file each: a pair of functions of the real and the fake scores."""
