"""The Spanish word lists."""
