"""The model card of a run: what the adapter is, what it learned from, how it was judged. For people; pure."""

from collections.abc import Mapping
from typing import Any

from training.schema import Run


def model_card(run: Run, manifest: Mapping[str, Any], *, table: str) -> str:
    """Markdown.

    Args:
        manifest: What `manifest.json` of the run's folder holds.
        table: The verdict as text.
    """
    verdict = run.verdict
    decided = "was not judged" if verdict is None else "may go live" if verdict.promote else "was refused"
    settings = "\n".join(f"| `{name}` | {value} |" for name, value in sorted(run.settings.items()))
    counts = "\n".join(f"| {name.replace('_', ' ')} | {count} |" for name, count in run.counts.items())
    return f"""\
---
base_model: {run.base_model}
library_name: peft
---
# {run.name}

A LoRA adapter for `{run.base_model}`, made by Curbside from clinicians' corrections, choices and ratings of its own answers
in this installation. It {decided}. It supports, and does not replace, the clinician's judgement; nobody has tested it elsewhere.

Begun {run.created_at:%Y-%m-%d %H:%M} UTC. Method: {run.method}; candidate: {run.chosen or "none"}. \
Started from: {run.started_from or "the base model"}.

{run.note}

## What it learned from

De-identified text of this installation; the text itself is not kept with the adapter. Files are named by their SHA-256 in
`manifest.json` of the run (data {str(manifest.get("digest", ""))[:12] or "not named"}).

| | |
|-|-|
{counts}

## How it was judged

On answers about patients that no training ever sees.

```
{table}
```

## How it was trained

| setting | |
|-|-|
{settings}

## Limits

It learned the wishes of those who corrected it, and what they did not correct it may have kept. It was compared with the
model that was live before and with quoting, on a small number of answers. De-identification misses things: handle the
adapter as you handle the data it was made from.
"""
