"""What may leave the house, and a stand-in for the hub that keeps what it is sent. Every weight here is of no model."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from training.export_hub import check_name, pack, push
from training.export_model import NotExportable

CARD = "# An invented adapter\n"


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    import torch
    from safetensors.torch import save_file

    folder = tmp_path / "2026-11-21-r7"
    folder.mkdir()
    save_file({"lora_A.weight": torch.zeros(2, 2)}, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "base_model_name_or_path": "invented"})
    )
    (folder / "manifest.json").write_text("{}")
    (folder / "canary.json").write_text("{}")
    return folder


class StandIn:
    """Speaks as much of the hub's protocol as an upload of small files needs."""

    def __init__(self, *, private: bool) -> None:
        self.asked: list[str] = []
        self.created: dict[str, Any] = {}
        self.kept: dict[str, bytes] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.asked.append(f"GET {self.path}")
                self.reply(
                    {"id": "me/invented", "_id": "1", "private": private, "sha": "0" * 40, "siblings": [], "tags": []}
                )

            def do_POST(self) -> None:
                hub.asked.append(f"POST {self.path}")
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.endswith("/repos/create"):
                    hub.created = json.loads(body)
                    self.reply({"url": f"{hub.url}/me/invented", "name": "me/invented"})
                elif self.path.endswith("/validate-yaml"):
                    self.reply({"errors": [], "warnings": []})
                elif "/preupload/" in self.path:
                    files = json.loads(body)["files"]
                    self.reply(
                        {"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in files]}
                    )
                else:
                    for line in map(json.loads, body.splitlines()):
                        if line["key"] == "file":
                            hub.kept[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                    self.reply({"commitUrl": f"{hub.url}/me/invented/commit/1", "commitOid": "1", "success": True})

            def reply(self, value: Any) -> None:
                data = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_invented")
    stand_in = StandIn(private=request.param)
    yield stand_in
    stand_in.close()


def test_weights_configuration_and_card_go_and_what_is_ours_stays(adapter: Path) -> None:
    parcel = pack(adapter, card=CARD)
    assert [name for name, _ in parcel.sizes] == ["README.md", "adapter_config.json", "adapter_model.safetensors"]
    assert dict(parcel.sizes)["README.md"] == len(CARD)


@pytest.mark.parametrize(
    "name",
    ["train.jsonl", "data", "worker.log", "optimizer.pt", "adapter_model.bin", "training_args.bin", ".hidden"],
)
def test_nothing_else_goes(adapter: Path, name: str) -> None:
    if name == "data":
        (adapter / name).mkdir()
    else:
        (adapter / name).write_text("The patient was seen.")
    with pytest.raises(NotExportable, match="training examples must never leave"):
        pack(adapter, card=CARD)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("adapter_model.safetensors", "The patient was seen.", id="text for weights"),
        pytest.param("adapter_config.json", '["The patient was seen."]', id="a list for a configuration"),
        pytest.param("adapter_config.json", "The patient was seen.", id="text for a configuration"),
    ],
)
def test_a_file_must_be_what_its_name_says(adapter: Path, name: str, content: str) -> None:
    (adapter / name).write_text(content)
    with pytest.raises(NotExportable, match=name):
        pack(adapter, card=CARD)


def test_a_link_to_something_else_does_not_go(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("The patient was seen.")
    (adapter / "vocab.txt").symlink_to(tmp_path / "notes.txt")
    with pytest.raises(NotExportable, match="not a plain file"):
        pack(adapter, card=CARD)


@pytest.mark.parametrize("name", ["a b", "a/b/c", "", "--", "https://huggingface.co/a/b"])
def test_a_wrong_name_is_said(name: str) -> None:
    with pytest.raises(InputError, match="OWNER/NAME"):
        check_name(name)


@pytest.mark.parametrize("hub", [True], indirect=True, ids=["private"])
def test_a_private_repository_gets_exactly_these_files(hub: StandIn, adapter: Path) -> None:
    assert push(pack(adapter, card=CARD), "me/invented", endpoint=hub.url) == f"{hub.url}/me/invented"
    assert hub.created["visibility"] == "private"
    assert set(hub.kept) == {"README.md", "adapter_config.json", "adapter_model.safetensors"}
    assert hub.kept["adapter_model.safetensors"] == (adapter / "adapter_model.safetensors").read_bytes()


@pytest.mark.parametrize("hub", [False], indirect=True, ids=["public"])
def test_a_public_repository_gets_nothing(hub: StandIn, adapter: Path) -> None:
    with pytest.raises(NotExportable, match="is public"):
        push(pack(adapter, card=CARD), "me/invented", endpoint=hub.url)
    assert hub.kept == {}
    assert not any("commit" in path or "upload" in path for path in hub.asked)


def test_a_hub_that_is_away_says_what_to_do(adapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(NotExportable, match="hf auth login"):
        push(pack(adapter, card=CARD), "me/invented", endpoint="http://127.0.0.1:9")
