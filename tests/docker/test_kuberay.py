"""The RayJob, checked without Kubernetes: its fields exist, it starts what the code submits, and it may do no more than it must.

Names of fields: KubeRay's reference (ray.io/v1, 1.7.0) and the Kubernetes client's models of a pod.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client import models

from training.on_ray import entry_point
from ui.settings import as_environment, load_settings
from ui.train_on_ray import COMMAND, NEXT

DOCKER = Path(__file__).parents[2] / "docker"
MANIFEST: dict[str, Any] = yaml.safe_load((DOCKER / "kuberay" / "rayjob.yaml").read_text("utf-8"))
JOB: dict[str, Any] = MANIFEST["spec"]
CLUSTER: dict[str, Any] = JOB["rayClusterSpec"]
GROUPS: dict[str, dict[str, Any]] = {"head": CLUSTER["headGroupSpec"]} | {
    group["groupName"]: group for group in CLUSTER["workerGroupSpecs"]
}
EACH = pytest.mark.parametrize("group", GROUPS)
FIELDS = {
    "RayJob": (
        MANIFEST["spec"],
        "activeDeadlineSeconds backoffLimit clusterSelector deletionStrategy entrypoint entrypointNumCpus entrypointNumGpus "
        "entrypointResources jobId managedBy metadata preRunningDeadlineSeconds rayClusterSpec runtimeEnvYAML "
        "shutdownAfterJobFinishes submissionMode submitterConfig submitterPodTemplate suspend ttlSecondsAfterFinished",
    ),
    "RayCluster": (
        CLUSTER,
        "authOptions autoscalerOptions enableInTreeAutoscaling gcsFaultToleranceOptions headGroupSpec headServiceAnnotations "
        "historyServerOptions managedBy networkPolicy rayVersion suspend tlsOptions upgradeStrategy workerGroupSpecs",
    ),
    "head": (
        CLUSTER["headGroupSpec"],
        "enableIngress headService ingressOptions labels rayStartParams resources serviceType template",
    ),
    "worker": (
        CLUSTER["workerGroupSpecs"][0],
        "groupName idleTimeoutSeconds labels maxReplicas minReplicas numOfHosts priority rayStartParams replicas resources "
        "scaleStrategy suspend template",
    ),
}


def container(group: str) -> dict[str, Any]:
    (only,) = GROUPS[group]["template"]["spec"]["containers"]
    return only


def variables(group: str) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container(group)["env"]}


def unknown_fields(value: Any, kind: str, path: str = "") -> Iterator[str]:
    """What a Kubernetes object holds that its model does not know, or holds in another type."""
    if (listed := re.fullmatch(r"list\[(.+)]", kind)) is not None:
        for number, item in enumerate(value):
            yield from unknown_fields(item, listed[1], f"{path}[{number}]")
    elif (mapped := re.fullmatch(r"dict\(str, (.+)\)", kind)) is not None:
        for name, item in value.items():
            yield from unknown_fields(item, mapped[1], f"{path}.{name}")
    elif (model := getattr(models, kind, None)) is not None:
        names = {written: name for name, written in model.attribute_map.items()}
        for written, item in value.items():
            if written not in names:
                yield f"{path}.{written}"
            else:
                yield from unknown_fields(item, model.openapi_types[names[written]], f"{path}.{written}")
    elif kind in (types := {"str": str, "int": int, "bool": bool}) and type(value) is not types[kind]:
        yield f"{path} is no {kind}"


def test_it_is_a_rayjob_with_the_fields_that_kuberay_knows() -> None:
    assert (MANIFEST["apiVersion"], MANIFEST["kind"]) == ("ray.io/v1", "RayJob")
    for what, (given, known) in FIELDS.items():
        assert set(given) <= set(known.split()), what
    assert CLUSTER["authOptions"] == {"mode": "token"}
    assert JOB["submissionMode"] in ("K8sJobMode", "HTTPMode", "SidecarMode", "InteractiveMode")


@EACH
def test_its_pods_have_the_fields_that_kubernetes_knows(group: str) -> None:
    template = GROUPS[group]["template"]
    assert list(unknown_fields(template, "V1PodTemplateSpec")) == []
    spoiled = {"spec": template["spec"] | {"securtyContext": {}, "hostNetwork": "no"}}
    assert set(unknown_fields(spoiled, "V1PodTemplateSpec")) == {".spec.securtyContext", ".spec.hostNetwork is no bool"}
    assert all(isinstance(value, str) for value in GROUPS[group]["rayStartParams"].values())


def test_it_starts_what_the_terminal_submits() -> None:
    assert JOB["entrypoint"] == entry_point(COMMAND, NEXT)
    assert shlex.split(JOB["entrypoint"])[:-1] == list(COMMAND)


def test_every_variable_is_a_setting_and_no_value_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+psycopg://curbside:invented@postgres/curbside")
    given = {name: value for name, value in variables("gpu").items() if name.startswith("CURBSIDE_")}
    for name, value in given.items():
        monkeypatch.setenv(name, str(secret) if name.endswith("_FILE") else value)
    settings = load_settings()
    known = as_environment(settings).keys()
    assert {name.removesuffix("_FILE") for name in given} <= known
    assert settings.training.on == "ray"
    assert settings.training.gpu == "own"
    assert not any("://" in value for value in variables("gpu").values())


@EACH
def test_nothing_is_told_to_the_makers_of_ray(group: str) -> None:
    assert variables(group)["RAY_USAGE_STATS_ENABLED"] == "0"
    by_hand = (DOCKER / "kuberay" / "README.md").read_text("utf-8").partition("ray start")[0]
    assert "export RAY_USAGE_STATS_ENABLED=0" in by_hand


def test_the_head_holds_neither_settings_nor_data() -> None:
    assert variables("head").keys() == {"RAY_USAGE_STATS_ENABLED"}
    assert [volume["name"] for volume in GROUPS["head"]["template"]["spec"]["volumes"]] == ["tmp"]


@EACH
def test_a_pod_is_confined(group: str) -> None:
    pod = GROUPS[group]["template"]["spec"]
    user = pod["securityContext"]
    assert user["runAsNonRoot"] is True
    assert user["runAsUser"] == 2000
    assert "fsGroup" not in user, "Kubernetes would let its group read and write every file, the key too"
    assert "USER 2000:2000" in (DOCKER / "Dockerfile").read_text("utf-8")
    assert pod["automountServiceAccountToken"] is False
    assert container(group)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {mount["name"]: mount for mount in container(group)["volumeMounts"]}
    assert mounted.keys() == {volume["name"] for volume in pod["volumes"]}
    assert mounted["tmp"]["mountPath"] == "/tmp"


def test_what_trains_finds_what_it_needs() -> None:
    mounted = {mount["name"]: mount for mount in container("gpu")["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in GROUPS["gpu"]["template"]["spec"]["volumes"]}
    told = variables("gpu")
    assert told["CURBSIDE_STORAGE__DATA_DIR"] == mounted["data"]["mountPath"]
    assert Path(told["CURBSIDE_STORAGE__DATABASE_URL_FILE"]).parent == Path(mounted["secrets"]["mountPath"])
    assert Path(told["CURBSIDE_TRAINING__BASE_MODEL"]).is_relative_to(mounted["models"]["mountPath"])
    assert volumes["secrets"]["secret"]["defaultMode"] & 0o004, "its files are root's"
    assert mounted["secrets"]["readOnly"]
    assert mounted["models"]["readOnly"]


def test_one_gpu_is_asked_for_and_there() -> None:
    resources = container("gpu")["resources"]
    assert (
        resources["limits"]["nvidia.com/gpu"]
        == resources["requests"]["nvidia.com/gpu"]
        == str(JOB["entrypointNumGpus"])
    )
    assert "nvidia.com/gpu" not in container("head")["resources"]["limits"]
    assert GROUPS["head"]["rayStartParams"]["num-cpus"] == "0"


def test_the_image_is_the_trainer_s_with_the_ray_that_was_tested() -> None:
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
    assert {container(group)["image"] for group in GROUPS} == {compose["services"]["trainer"]["image"]}
    constraints = (DOCKER.parent / "constraints.txt").read_text("utf-8")
    assert f"\nray=={CLUSTER['rayVersion']}\n" in constraints
    extras = re.findall(r'"\.\[(.+)\]"', (DOCKER / "Dockerfile").read_text("utf-8"))
    assert any({"ray", "postgres"} <= set(found.split(",")) for found in extras)
