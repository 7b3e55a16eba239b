"""Answers one question about one report: de-identify, retrieve, generate, ground."""
