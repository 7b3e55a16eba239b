"""The few cases that every model is tried on, whatever the feedback was about. All invented, shipped as JSON lines."""
