"""Turns feedback into a better adapter, or refuses. What it will hold: `CONTRIBUTING.md`, "The loop"."""
