"""Judging: measures samples against real data and reports the scores as a card, or as a table of several runs."""
