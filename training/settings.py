"""The settings of training, in groups. Plain models, like `assistant.settings`."""

from typing import Literal

from pydantic import BaseModel, Field

from training.schema import Method


class TrainingSettings(BaseModel, frozen=True, extra="forbid"):
    base_model: str | None = None
    """Where a server answers (`remote`): folder or hub name of the weights that it serves. Then they are trained here, and what goes live
    is served. `local` and `quoting` train the model that answers."""
    method: Method = Method.AUTO
    """What a run trains: `sft`, `dpo`, `sft+dpo`, `kto`, or `auto` for each that the data allow, and the gate chooses."""
    start_from: Literal["live", "base"] = "live"
    """Go on from the live adapter, or begin afresh from the base model with all feedback."""
    min_pairs: int = Field(default=30, ge=2)
    """Below so many new pairs and corrections no run begins."""
    min_eval: int = Field(default=8, ge=2)
    """Below so many judged answers of patients kept apart, no candidate can be promoted."""
    lora_rank: int = Field(default=16, ge=1, le=256)
    learning_rate: float = Field(default=2e-4, gt=0, le=1e-2)
    """Of SFT; preference training takes a tenth of it."""
    epochs: float = Field(default=3.0, gt=0, le=100)
    """At most: early stopping on the validation split may end before."""
    batch_size: int = Field(default=8, ge=1)
    """Examples a step, over all devices and accumulation together."""
    beta: float = Field(default=0.1, gt=0, le=1)
    """Of DPO and KTO: how closely the model is held to what it was before."""
    max_tokens: int = Field(default=2048, ge=128)
    """Longest prompt and answer together; longer examples are left out and counted."""
    replay_share: float = Field(default=0.2, ge=0, le=1)
    """Share of earlier accepted answers among the examples of SFT, against forgetting."""
    max_rater_share: float = Field(default=0.5, gt=0, le=1)
    """One person's largest share of the pairs, where there are several people."""
    quantize: Literal["none", "nf4"] = "none"
    """`nf4` is QLoRA: needs a CUDA GPU and bitsandbytes."""
    seed: int = 17
    tokens_at_once: int = Field(default=8192, ge=256)
    """Tokens that go through the model at once on a GPU, on average; the rest of a batch follows in turn. Lower it where memory is short."""
    gpu: Literal["auto", "shared", "own"] = "auto"
    """Whether training and the chat's model take turns on one GPU: `shared` stops the one for the other, `own` never does, `auto`
    shares where both would use the only CUDA GPU of this machine."""
    gpu_wait_s: float = Field(default=600, gt=0)
    """On a shared GPU: how long a run waits for the model to finish its answers and leave."""
    accelerate_config: str | None = None
    """`one-gpu`, `multi-gpu`, `fsdp`, or the path of an accelerate configuration. Default: this machine's one device."""

    on: Literal["here", "ray", "scheduler"] = "here"
    """Where a run's process is started: on this computer, by a Ray cluster that reaches the same data folder and database, or by
    `curbside scheduler` in another container over the same two, of which this one only asks for runs."""
    ray_address: str = "http://127.0.0.1:8265"
    """The cluster's dashboard, which takes jobs."""
    ray_gpus: int = Field(default=0, ge=0)
    """GPUs that a run asks of the cluster. With 0 it runs on the head node."""

    def suiting(self, base_model: str) -> "TrainingSettings":
        """With what suits the starter where nobody set anything: 11 million parameters learn in larger steps than 7 billion."""
        if base_model != "starter":
            return self
        return self.model_copy(
            update={name: value for name, value in _FOR_THE_STARTER.items() if name not in self.model_fields_set}
        )


_FOR_THE_STARTER = {"learning_rate": 1e-3, "epochs": 6.0, "batch_size": 4, "max_tokens": 1024}
"""As `curbside demo` was tried."""


class GateSettings(BaseModel, frozen=True, extra="forbid"):
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    resamples: int = Field(default=2000, ge=100)
    """Of the paired bootstrap."""
    max_loss: float = Field(default=0.02, ge=0, le=1)
    """How much worse a guarded share may be, by the interval's middle."""
    max_length_ratio: float = Field(default=1.5, gt=1)
    """Answers may not grow beyond this, nor shrink below its inverse, against the clinicians' final texts' own lengths."""


class ScheduleSettings(BaseModel, frozen=True, extra="forbid"):
    enabled: bool = True
    """Whether `curbside serve` also runs the scheduler."""
    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "*"] = "sun"
    """Day of the week; `*` is every day."""
    hour: int = Field(default=2, ge=0, le=23)
    minute: int = Field(default=0, ge=0, le=59)
    window_hours: float | None = Field(default=None, gt=0, le=24)
    """On a shared GPU: so long after `hour:minute`, on any day, scheduled runs may have it. One that would take longer, by
    earlier ones, does not begin; one that takes longer after all is stopped, and later ones reckon with it. Default: as long
    as they need. Runs by hand are not bound by it."""

    @property
    def window(self) -> str:
        """`from 02:00 for 4 h`; empty where scheduled runs take as long as they need."""
        return (
            f"from {self.hour:02}:{self.minute:02} for {self.window_hours:g} h" if self.window_hours is not None else ""
        )
