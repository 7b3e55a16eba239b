"""Trains the tagger that finds names, places, organisations, addresses, dates and numbers, on invented text only."""
