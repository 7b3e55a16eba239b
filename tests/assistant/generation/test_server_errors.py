"""Bodies of refusals, as TGI, vLLM, llama.cpp and FastAPI servers write them. Texts in them are invented."""

import pytest

from assistant.errors import ModelNotFound, ModelOverloaded, ModelRejected, ModelUnavailable, PromptTooLong
from assistant.generation.server_errors import error_in, explain

SECRET = "the heart is enlarged"


def _vllm(message: str, kind: str = "BadRequestError", code: int = 400) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        pytest.param(422, {"error": SECRET, "error_type": "validation"}, ModelRejected, id="TGI, validation"),
        pytest.param(
            429, {"error": "Model is overloaded", "error_type": "overloaded"}, ModelOverloaded, id="TGI, full"
        ),
        pytest.param(424, {"error": SECRET, "error_type": "generation"}, ModelUnavailable, id="TGI, generation"),
        pytest.param(
            404, _vllm("The model `x` does not exist.", "NotFoundError", 404), ModelNotFound, id="vLLM, model"
        ),
        pytest.param(401, {"error": "Unauthorized"}, ModelRejected, id="vLLM, key"),
        pytest.param(503, {"error": "unhealthy", "error_type": "healthcheck"}, ModelUnavailable, id="TGI, unhealthy"),
        pytest.param(
            500,
            {"error": "Incomplete generation", "error_type": "incomplete_generation"},
            ModelUnavailable,
            id="TGI, cut",
        ),
        pytest.param(
            422, {"error": "Template error: x", "error_type": "template_error"}, ModelRejected, id="TGI, template"
        ),
        pytest.param(404, {"detail": "Not Found"}, ModelRejected, id="FastAPI, route"),
        pytest.param(
            400, {"object": "error", "message": SECRET, "type": "BadRequestError"}, ModelRejected, id="old vLLM"
        ),
        pytest.param(422, {"detail": [{"input": SECRET, "msg": SECRET}]}, ModelRejected, id="FastAPI echoes its input"),
        pytest.param(
            400, {"error": {"type": SECRET + "!", "message": SECRET}}, ModelRejected, id="a kind that is text"
        ),
        pytest.param(500, None, ModelUnavailable, id="no JSON at all"),
        pytest.param(500, "text", ModelUnavailable, id="a string"),
        pytest.param(403, {"error": {}}, ModelRejected, id="forbidden"),
    ],
)
def test_errors_say_what_to_do_and_never_what_was_asked(status: int, body: object, error: type) -> None:
    raised = explain(status=status, body=body, url="http://server/v1", model="m")
    assert type(raised) is error
    assert SECRET not in str(raised)


@pytest.mark.parametrize(
    ("status", "body", "tokens", "limit"),
    [
        pytest.param(
            422,
            {
                "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. "
                "Given: 4000 `inputs` tokens and 512 `max_new_tokens`",
                "error_type": "validation",
            },
            4000,
            4096,
            id="TGI, sum",
        ),
        pytest.param(
            422,
            {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 2000"},
            2000,
            1024,
            id="TGI, inputs",
        ),
        pytest.param(
            400,
            _vllm(
                "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4488 in the"
            ),
            5000,
            4096,
            id="vLLM, sum",
        ),
        pytest.param(
            400,
            _vllm("This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens."),
            5000,
            4096,
            id="vLLM, input",
        ),
        pytest.param(
            400,
            _vllm(
                "This model's maximum context length is 4096 tokens. However, you requested 512 output tokens and your "
                "prompt contains at least 3585 input tokens, for a total of at least 4097 tokens. Please reduce the length"
            ),
            3585,
            4096,
            id="vLLM, output and input",
        ),
        pytest.param(
            400,
            _vllm(
                "'max_tokens' or 'max_completion_tokens' is too large: 512. This model's maximum context length is 4096 "
                "tokens and your request has 4000 input tokens (512 > 4096 - 4000). None"
            ),
            4000,
            4096,
            id="vLLM, no room for the answer",
        ),
        pytest.param(
            400,
            _vllm(
                "You passed 3585 input tokens and requested 512 output tokens. However, the model's context length is "
                "only 4096 tokens, resulting in a maximum input length of 3584 tokens."
            ),
            3585,
            4096,
            id="vLLM, passed and requested",
        ),
        pytest.param(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "request (9000 tokens) exceeds the available context size (8192 tokens)",
                }
            },
            9000,
            8192,
            id="llama.cpp",
        ),
    ],
)
def test_a_prompt_that_is_too_long_is_said_with_its_counts(status: int, body: object, tokens: int, limit: int) -> None:
    raised = explain(status=status, body=body, url="http://server/v1", model="m")
    assert isinstance(raised, PromptTooLong)
    assert (raised.tokens, raised.limit) == (tokens, limit)


@pytest.mark.parametrize(
    ("chunk", "status"),
    [
        pytest.param({"error": {"message": "m", "http_status_code": 422}}, 422, id="TGI"),
        pytest.param(_vllm("m", code=429), 429, id="vLLM"),
        pytest.param({"error": "plain words"}, 500, id="words only"),
        pytest.param({"object": "error", "code": 404}, 404, id="old vLLM"),
        pytest.param({"choices": [], "error": None}, None, id="an empty error is none"),
    ],
)
def test_error_events_are_told_from_chunks(chunk: dict[str, object], status: int | None) -> None:
    assert error_in(chunk) == status
