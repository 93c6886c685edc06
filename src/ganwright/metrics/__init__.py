"""The shelf of metrics: pure functions of samples; one file each."""
