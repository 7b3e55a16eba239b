"""What a model needs: memory and time, computed from its config.json alone."""
