"""The client against stand-in engines in other processes: requests, order, limits, stopping. Reports are invented."""

import asyncio
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from assistant.errors import ModelBroke, ModelUnavailable
from assistant.generation.remote import RemoteGenerator
from assistant.settings import GenerationSettings
from tests.assistant.generation.conftest import StartEngine, make_prompt
from tests.engines.replies import WORDS
from tests.engines.running import PATIENCE_S, RunningEngine
from tests.ports import free_port, nobody_listens

pytestmark = pytest.mark.usefixtures("shorter_waits")


def make_generator(url: str, **settings: object) -> RemoteGenerator:
    given = {"backend": "remote", "url": url, "model": "m", "connect_timeout_s": PATIENCE_S, **settings}
    return RemoteGenerator(GenerationSettings.model_validate(given))


async def collect(generator: RemoteGenerator, *, max_new_tokens: int = 100) -> str:
    return "".join([delta async for delta in generator.stream(make_prompt(), max_new_tokens=max_new_tokens)])


def test_streams_every_token_in_order(engine: RunningEngine) -> None:
    text = asyncio.run(collect(make_generator(engine.url)))
    assert text.split() == [WORDS[i % len(WORDS)] for i in range(40)]
    assert engine.stats()["finished"] == 1


def test_the_first_delta_does_not_wait_for_the_last(start_engine: StartEngine, tmp_path: Path) -> None:
    may_end = tmp_path / "written"
    engine = start_engine("--tokens", 5, "--until", may_end, "--hold-after", 2)

    async def read() -> str:
        text = ""
        async for delta in make_generator(engine.url).stream(make_prompt(), max_new_tokens=100):
            text += delta
            if text.split() == WORDS[:2]:
                may_end.touch()
        return text

    assert asyncio.run(asyncio.wait_for(read(), PATIENCE_S)).split() == WORDS[:5]


@pytest.mark.parametrize(
    ("settings", "model", "model_id"),
    [
        pytest.param({"model": "mistral-7b"}, "mistral-7b", "mistral-7b", id="the model's name is sent"),
        pytest.param(
            {"model": "mistral-7b", "adapter": "clin-1"},
            "clin-1",
            "mistral-7b+clin-1",
            id="an adapter is named instead",
        ),
        pytest.param({"model": None}, "stand-in", "stand-in", id="without a name the server is asked for one"),
        pytest.param(
            {"model": None, "engine": "tgi"}, "tgi", "stand-in", id="TGI is sent its own word for the base model"
        ),
        pytest.param(
            {"model": None, "adapter": "clin-1"}, "clin-1", "remote+clin-1", id="an adapter needs no base name"
        ),
    ],
)
def test_model_is_always_named(engine: RunningEngine, settings: dict[str, object], model: str, model_id: str) -> None:
    generator = make_generator(engine.url, **settings)
    asyncio.run(collect(generator))
    assert engine.stats()["last"]["model"] == model
    assert generator.model_id == model_id


def test_asks_for_greedy_decoding_within_the_budget(engine: RunningEngine) -> None:
    text = asyncio.run(collect(make_generator(engine.url), max_new_tokens=7))
    assert len(text.split()) == 7
    last = engine.stats()["last"]
    assert (last["max_tokens"], last["temperature"], last["stream"]) == (7, 0.0, True)
    assert last["roles"] == ["system", "user"]


@pytest.mark.parametrize("how", ["closing the iterator", "cancelling the task"])
def test_stopping_hangs_up_so_that_the_server_stops(start_engine: StartEngine, how: str) -> None:
    engine = start_engine("--tokens", 10_000, "--first-token-ms", 1, "--tokens-per-second", 1)
    generator = make_generator(engine.url)

    async def close_early() -> None:
        async with aclosing(generator.stream(make_prompt(), max_new_tokens=10_000)) as deltas:
            async for _ in deltas:
                break

    async def cancel_early() -> None:
        task = asyncio.create_task(collect(generator, max_new_tokens=10_000))
        await asyncio.to_thread(engine.wait_for, open_streams=1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def stop_and_look() -> dict[str, int]:  # the loop still runs, so its end is not what hangs up
        await (close_early() if how == "closing the iterator" else cancel_early())
        return await asyncio.to_thread(engine.wait_for, left_early=1)

    stats = asyncio.run(stop_and_look())
    assert (stats["left_early"], stats["open_streams"], stats["requests"]) == (1, 0, 1)


def test_cancelling_before_the_first_token_hangs_up_too(start_engine: StartEngine) -> None:
    engine = start_engine("--first-token-ms", 60_000)

    async def cancel() -> dict[str, int]:
        task = asyncio.create_task(collect(make_generator(engine.url)))
        await asyncio.to_thread(engine.wait_for, open_streams=1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.to_thread(engine.wait_for, left_early=1)

    assert asyncio.run(cancel())["left_early"] == 1


def test_one_generator_serves_callers_on_different_event_loops(engine: RunningEngine) -> None:
    generator = make_generator(engine.url)

    async def several() -> list[str]:
        here = collect(generator)
        elsewhere = asyncio.to_thread(lambda: asyncio.run(collect(generator)))
        return list(await asyncio.gather(here, elsewhere))

    texts = [asyncio.run(collect(generator)), *asyncio.run(several())]
    assert len(set(texts)) == 1


def test_unreachable_server_is_unavailable_and_said_so() -> None:
    with nobody_listens() as port, pytest.raises(ModelUnavailable, match="connection refused"):
        asyncio.run(collect(make_generator(f"http://127.0.0.1:{port}/v1")))


def test_server_that_starts_meanwhile_is_found_by_trying_again(start_engine: StartEngine) -> None:
    port = free_port()

    async def ask_then_start() -> str:
        asking = asyncio.create_task(collect(make_generator(f"http://127.0.0.1:{port}/v1", retries=10)))
        await asyncio.to_thread(start_engine, "--port", port, "--tokens", 3)
        return await asking

    assert asyncio.run(ask_then_start()).split() == WORDS[:3]


@pytest.fixture
def full_backlog() -> Iterator[str]:
    """An address where connections are neither taken nor refused."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())  # a backlog that is full drops further connections
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}/v1"


def test_connect_timeout_is_its_own(full_backlog: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"no connection within 0\.2 s"):
        asyncio.run(collect(make_generator(full_backlog, connect_timeout_s=0.2, retries=0)))


def test_health_has_the_connect_timeout_too(full_backlog: str) -> None:
    server = make_generator(full_backlog, connect_timeout_s=0.2).server(full_backlog)
    assert asyncio.run(server.health()) == "no connection within 0.2 s"


def test_health_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.generation.model_server._HEALTH_S", 0.3)
    with socket.socket() as silent:  # takes the connection and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(4)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        assert asyncio.run(make_generator(url).server(url).health()) == "no word about its health within 0.3 s"


def test_first_token_timeout_is_its_own(start_engine: StartEngine) -> None:
    engine = start_engine("--first-token-ms", 60_000, "--keep-alive-s", 0.05)
    with pytest.raises(ModelUnavailable, match=r"no first token within 0\.4 s"):
        asyncio.run(collect(make_generator(engine.url, first_token_timeout_s=0.4)))
    assert engine.wait_for(open_streams=0)["requests"] <= 1, "it waited once, not three times"


def test_server_that_never_answers_meets_the_same_timeout(start_engine: StartEngine) -> None:
    engine = start_engine("--fault", "no-answer")
    with pytest.raises(ModelUnavailable, match=r"no first token within 0\.4 s"):
        asyncio.run(collect(make_generator(engine.url, first_token_timeout_s=0.4)))


def test_silence_after_the_first_token_is_noticed_in_spite_of_comments(start_engine: StartEngine) -> None:
    engine = start_engine("--fault", "silent", "--first-token-ms", 1)
    with pytest.raises(ModelBroke, match=r"silent for 0\.3 s"):
        asyncio.run(collect(make_generator(engine.url, silence_timeout_s=0.3)))


def test_comments_are_not_text(start_engine: StartEngine) -> None:
    engine = start_engine("--tokens", 5, "--keep-alive-s", 0.005)
    assert asyncio.run(collect(make_generator(engine.url))).split() == WORDS[:5]


def test_address_without_scheme_is_an_error_with_a_remedy() -> None:
    with pytest.raises(ModelUnavailable, match="CURBSIDE_GENERATION__URL"):
        asyncio.run(collect(make_generator("model-server:8080/v1")))


@pytest.fixture
def untrusted() -> Iterator[str]:
    """A server whose certificate nobody knows."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = made.sign(key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.write(certificate.public_bytes(Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"https://localhost:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


def test_a_certificate_that_is_not_trusted_is_no_wrong_address(untrusted: str) -> None:
    generator = make_generator(untrusted)
    with pytest.raises(ModelUnavailable, match="its certificate is not trusted; SSL_CERT_FILE"):
        asyncio.run(collect(generator))
    assert "its certificate is not trusted" in str(asyncio.run(generator.server(untrusted).health()))


def test_a_server_without_tls_is_told_as_such() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")  # as uvicorn, to bytes that are no request
        writer.close()

    async def ask() -> str:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await collect(make_generator(f"https://127.0.0.1:{port}/v1"))

    with pytest.raises(ModelUnavailable, match="it speaks no TLS"):
        asyncio.run(ask())


def test_key_is_sent(engine: RunningEngine) -> None:
    asyncio.run(collect(make_generator(engine.url, api_key="secret-key")))
    assert engine.stats()["last"]["authorization"] == "Bearer secret-key"


def test_secrets_are_not_in_errors() -> None:
    generator = make_generator("http://user:pass-word@127.0.0.1:1/v1", api_key="secret-key", retries=0)
    with pytest.raises(ModelUnavailable) as caught:
        asyncio.run(collect(generator))
    assert "pass-word" not in str(caught.value)
    assert "secret-key" not in str(caught.value)


def test_proxies_of_the_environment_are_not_used(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert asyncio.run(collect(make_generator(engine.url)))


def test_another_answer_is_sampled_with_its_own_seed(engine: RunningEngine) -> None:
    async def another() -> None:
        async for _ in make_generator(engine.url).stream(replace(make_prompt(), variant=2), max_new_tokens=5):
            pass

    asyncio.run(another())
    last = engine.stats()["last"]
    assert last["temperature"] > 0
    assert last["seed"] == 2
