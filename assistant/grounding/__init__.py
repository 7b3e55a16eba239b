"""Which sentences of an answer the sources support, and where they say so. Computed, never asked of a model."""

from assistant.grounding.answers import ground

__all__ = ["ground"]
