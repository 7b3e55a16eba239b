"""The key file, its keys and its cipher. Texts are invented."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import WrongKey
from assistant.keys import DATABASE_FILE, KEY_FILE, Keys, load_key, loosened_permissions, plant_key

_WHEN_TOLD = """
import sys
from pathlib import Path
from assistant.keys import load_key

print("ready", flush=True)
sys.stdin.readline()
print(load_key(Path(sys.argv[1])).fingerprint)
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return load_key(tmp_path_factory.mktemp("keys") / "data")


def test_the_first_start_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    old_mask = os.umask(0)
    try:
        first = load_key(tmp_path / "data")
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / KEY_FILE).stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [KEY_FILE]
    assert load_key(tmp_path / "data") == first


def test_eight_processes_starting_at_once_get_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WHEN_TOLD, str(tmp_path / "data")]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert [process.stdout.readline() for process in processes if process.stdout] == ["ready\n"] * 8
    for process in processes:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    fingerprints = [process.communicate(timeout=120)[0] for process in processes]
    assert len(set(fingerprints)) == 1
    assert fingerprints[0].strip()
    assert [path.name for path in (tmp_path / "data").iterdir()] == [KEY_FILE]


def test_every_use_has_its_own_key_and_repr_shows_none(keys: Keys) -> None:
    secrets = {keys.encryption, keys.pseudonym, keys.content}
    assert len(secrets) == 3
    assert all(len(secret) == 32 for secret in secrets)
    assert not any(repr(secret) in repr(keys) or secret.hex() in repr(keys) for secret in secrets)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"curbside key 1\n00ff\n", id="a truncated file"),
        pytest.param(b"curbside key 2\n" + b"00" * 32, id="a file of another version"),
        pytest.param(b"curbside key 1\n" + b"zz" * 32, id="what is not hexadecimal"),
        pytest.param(bytes(range(128, 256)), id="binary rubbish"),
    ],
)
def test_a_damaged_key_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / KEY_FILE
    path.write_bytes(content)
    with pytest.raises(WrongKey, match="put back the key file"):
        load_key(tmp_path)
    assert path.read_bytes() == content


def test_no_new_key_is_made_beside_data_that_it_could_not_open(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).touch()
    with pytest.raises(WrongKey):
        load_key(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("name", [pytest.param(".", id="the folder"), pytest.param(KEY_FILE, id="the key file")])
def test_loosened_permissions_are_warned_about_with_their_cure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    folder = tmp_path / "data"
    load_key(folder)
    assert loosened_permissions(folder) == ()
    (folder / name).chmod(0o744)
    with caplog.at_level(logging.WARNING):
        load_key(folder)
    assert "chmod" in caplog.text
    assert len(loosened_permissions(folder)) == 1


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_comes_back_even_with_lone_surrogates(keys: Keys, text: str) -> None:
    assert keys.cipher.decrypt(keys.cipher.encrypt(text)) == text


def test_the_same_text_is_never_encrypted_to_the_same_bytes(keys: Keys) -> None:
    assert len({keys.cipher.encrypt("Invented finding.") for _ in range(100)}) == 100


@given(st.data())
def test_a_changed_byte_is_noticed_wherever_it_is(keys: Keys, data: st.DataObject) -> None:
    value = bytearray(keys.cipher.encrypt("Invented finding."))
    value[data.draw(st.integers(0, len(value) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WrongKey):
        keys.cipher.decrypt(bytes(value))


@given(st.binary(max_size=40))
def test_foreign_bytes_are_not_opened(keys: Keys, value: bytes) -> None:
    with pytest.raises(WrongKey):
        keys.cipher.decrypt(value)


def test_another_installations_key_opens_nothing(keys: Keys, tmp_path: Path) -> None:
    with pytest.raises(WrongKey):
        load_key(tmp_path).cipher.decrypt(keys.cipher.encrypt("Invented finding."))


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_hashes_agree_exactly_when_the_parts_do(keys: Keys, one: list[str], other: list[str]) -> None:
    assert (keys.content_hash(*one) == keys.content_hash(*other)) is (one == other)


def test_a_planted_key_is_the_same_everywhere_and_replaces_none(tmp_path: Path) -> None:
    for name in ("one", "two"):
        plant_key(tmp_path / name, b"k" * 32)
    assert load_key(tmp_path / "one").split == load_key(tmp_path / "two").split
    with pytest.raises(FileExistsError):
        plant_key(tmp_path / "one", b"o" * 32)
