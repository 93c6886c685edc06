"""Games: the players, and the objectives of their turns. Imports core only."""
