"""Spanish: its word lists, its grammar and its rules. `languages.py` names what stands here."""
