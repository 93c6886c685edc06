"""The words every part speaks: batch, domain, player, turn, stage, clock, game, recipe. Imports nothing of ours."""
