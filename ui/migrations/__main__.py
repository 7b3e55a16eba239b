"""Writes the next revision from the difference between the tables and the migrations so far, for review by a person.

`python -m ui.migrations "what changes"`
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from assistant.database import open_database
from assistant.keys import load_key
from assistant.settings import StorageSettings
from ui.migrations import config, upgrade


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(StorageSettings(data_dir=Path(folder)), load_key(Path(folder)))
        upgrade(database)
        with database.engine.connect() as connection:
            command.revision(config(connection), " ".join(sys.argv[1:]) or "Change the tables", autogenerate=True)
        database.close()


if __name__ == "__main__":
    main()
