"""Auxiliary losses: terms added to the generator's adversarial loss, called as auxiliary_loss(fake, batch)."""
