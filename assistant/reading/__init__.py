"""From files to reports: the one door of this package is `read_bytes`, `read_file` and `report_paths`.

Importing it loads no parser; each format's library is imported when a file of that format is read.
"""

from assistant.reading.columns import Columns
from assistant.reading.formats import read_bytes, read_file
from assistant.reading.paths import report_paths

__all__ = ["Columns", "read_bytes", "read_file", "report_paths"]
