"""The shelf of augmentations that the discriminator sees reals and fakes through, one file each."""
