"""Invented medical reports that come with the truth about them: what a model can be taught and judged by without any patient."""
