"""What clinicians said about the answers, kept append-only, and the preference pairs that follow from it."""
