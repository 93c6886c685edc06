"""Judging: samples, real data and metrics become a card, or a table of several cards."""
