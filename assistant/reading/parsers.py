"""What a parser of somebody else's format may throw at a damaged file."""

import struct
import zipfile
import zlib

PARSER_FAILURES: tuple[type[BaseException], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,  # RecursionError, and zipfile's word for an encrypted entry
    SyntaxError,  # lxml's XMLSyntaxError is one
    TypeError,
    ValueError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""Parsers written for whole files meet damaged ones with whatever breaks first. All of these mean: unreadable."""
