"""The vocabulary of all other packages, none of which it imports: batch, domain, player, turn, stage, game, recipe."""
