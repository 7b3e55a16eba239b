"""A small model of our own that tags names, places, organisations, dates and numbers: what the rules do not know."""
