"""What must outlive a power cut."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Write a file's bytes, or the names in a folder, to the disk before anything else happens."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
