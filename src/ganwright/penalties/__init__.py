"""The shelf of penalties on the discriminator, one file each."""
