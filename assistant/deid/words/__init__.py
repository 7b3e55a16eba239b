"""Word lists, as package data."""
