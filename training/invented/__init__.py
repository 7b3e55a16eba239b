"""Invented people, places and numbers, filled into templates with the place of each identifier kept. No real record is used."""
