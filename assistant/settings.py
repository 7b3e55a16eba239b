"""The assistant's settings, in groups. Plain models: `ui.settings` is the only reader of the environment.

A field `top_k` of the group `retrieval` is set by `CURBSIDE_RETRIEVAL__TOP_K`.
"""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import BaseModel, Field, SecretStr


class StorageSettings(BaseModel, frozen=True, extra="forbid"):
    data_dir: Path = Field(default_factory=lambda: user_data_path("curbside", appauthor=False))
    """Everything Curbside keeps lies in this folder (`--data`)."""
    database_url: str | None = None
    """SQLAlchemy URL of another database, for example `postgresql+psycopg://user@host/curbside`. Default: SQLite in `data_dir`."""
    chroma_url: str | None = None
    """`http://host:port` of a Chroma server. Default: embedded, in `data_dir`."""


class ReadingSettings(BaseModel, frozen=True, extra="forbid"):
    max_file_mb: float = Field(default=25, gt=0)
    """Largest file that is read."""
    max_report_chars: int = Field(default=500_000, ge=1_000)
    """Largest report; a longer one is refused, not cut."""
    max_unpacked_mb: float = Field(default=100, gt=0)
    """Largest size of a compressed file's contents (docx, PDF streams): a guard against zip bombs."""


class DeidSettings(BaseModel, frozen=True, extra="forbid"):
    language: str = "en"
    min_score: float = Field(default=0.4, ge=0, le=0.6)
    """Spans below this confidence are kept as text. At most 0.6, where the second look begins to ask about what rules found: above it,
    a surer finding would be kept as text and only be asked about."""
    model: str | None = None
    """A Hugging Face token-classification model (folder or hub name) that adds names and places to the rules."""
    dates: Literal["mask", "shift"] = "mask"
    """`mask` removes dates, as Safe Harbor asks. `shift` moves all dates of a patient (of a report or conversation where no
    patient is known) by the same secret number of days, 1 to 364, so that intervals hold. Shifted dates are NOT Safe Harbor:
    an expert must determine that the risk is very small (45 CFR 164.514(b)(1)). What cannot be moved safely is masked."""
    replace_with: Literal["placeholders", "surrogates"] = "placeholders"
    """`placeholders` puts `[NAME_1]`, `surrogates` an invented name, place or number of the same kind. Safe Harbor's list is removed
    either way; but beside surrogates a miss looks like an invention, and what is stored cannot be told from an original."""
    zip: Literal["mask", "zip3"] = "mask"
    """`zip3` keeps the first three digits of a US ZIP code (`941**`) where more than 20,000 people live, as Safe Harbor allows."""
    on_residual: Literal["hold", "mask"] = "hold"
    """What still looks like an identifier in a masked report: `hold` keeps the report out of the store until a person has
    looked, `mask` masks it too and goes on, for large ingests that nobody watches."""


class RetrievalSettings(BaseModel, frozen=True, extra="forbid"):
    embedding_model: str = "all-MiniLM-L6-v2"
    """The default comes with the installation; any other sentence-transformers folder or hub name may be given."""
    top_k: int = Field(default=6, ge=0, le=50)
    """Chunks of past reports shown to the model; 0 switches them off."""
    chunk_words: int = Field(default=160, ge=20, le=400)
    """Longest chunk; the default model reads 256 word pieces."""


class GenerationSettings(BaseModel, frozen=True, extra="forbid"):
    backend: Literal["quoting", "local", "remote"] = "quoting"
    """`quoting` quotes the report, `local` runs a transformers model in this process, `remote` asks a server."""
    model: str | None = None
    """Model folder or hub name (`local`), or the name the server serves it under (`remote`)."""
    adapter: str | None = None
    """Folder of a PEFT adapter (`local`) or its served name (`remote`)."""
    quote_only: bool | None = None
    """Let a `local` model choose sentences of the report and write none of its own. Default: yes for the starter, no for others."""
    url: str = "http://127.0.0.1:8080/v1"
    """Base address of an OpenAI-style server: TGI, vLLM, llama.cpp, `transformers serve`. Several, with commas between
    them, are replicas of the same model: the one with the fewest answers under way is asked, and another when it fails."""
    engine: Literal["tgi", "vllm", "openai"] = "openai"
    """Which server `url` is: how it is asked for its health, and what a model without a name is called."""
    concurrent: int = Field(default=64, ge=0)
    """Answers at a time from each server; further questions wait their turn, and people see at which place. 0: no limit of
    ours. 64 is half of what TGI takes before it refuses; `curbside plan` tells how many fit a GPU's memory."""
    api_key: SecretStr | None = None
    max_new_tokens: int = Field(default=512, ge=1, le=8192)
    context_tokens: int = Field(default=8192, ge=256)
    """How much the model reads; prompts are cut to it (past reports first)."""
    connect_timeout_s: float = Field(default=3, gt=0)
    first_token_timeout_s: float = Field(default=120, gt=0)
    """Longest wait for a server's first token, and before it for a turn."""
    silence_timeout_s: float = Field(default=30, gt=0)
    """Longest pause between two tokens."""
    retries: int = Field(default=2, ge=0, le=10)
    """Attempts after the first, at each server that may be back in a moment, before any token has come; never after. A server
    that is full is no failure: the question waits its turn."""
    temperature: float = Field(default=0.0, ge=0, le=2)

    @property
    def urls(self) -> tuple[str, ...]:
        """The servers' addresses, each once, without slashes at their ends."""
        given = (url.strip().rstrip("/") for url in self.url.split(","))
        return tuple(dict.fromkeys(filter(None, given)))


class ChatSettings(BaseModel, frozen=True, extra="forbid"):
    max_question_chars: int = Field(default=20_000, ge=100)
    examples: int | None = Field(default=None, ge=0, le=10)
    """Accepted and corrected answers to similar questions that come back as examples, at most; 0 switches it off. Default: 6 while Curbside quotes, 3 in a language model's prompt."""


class GroundingSettings(BaseModel, frozen=True, extra="forbid"):
    """The shares were chosen on the tuning halves of two public sets; `python -m tests.benchmarks.bench_grounding`."""

    min_coverage: float = Field(default=0.7, ge=0, le=1)
    """Share of a sentence, by weight of its words, that the cited passages must state for it to be supported."""
    min_partial_coverage: float = Field(default=0.35, ge=0, le=1)
    """Below this share no passage is taken to be about the sentence at all."""
    min_alike: float = Field(default=0.7, ge=0, le=1)
    """From this share of words in the same order on, a sentence is taken to repeat its passage, and any exchanged word counts."""
    max_citations: int = Field(default=3, ge=1, le=10)
    """Passages that may support one sentence together."""
    max_candidates: int = Field(default=8, ge=1, le=100)
    """Passages that are compared with a sentence word by word."""
