"""all-MiniLM-L6-v2, the encoder that comes with the installation: shared by search and de-identification."""
