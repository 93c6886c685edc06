"""The shelf of feature networks in which pictures are compared; one file each."""
