"""Free clinical text as the ground for invented identifiers: read, made into templates, checked, added to."""
