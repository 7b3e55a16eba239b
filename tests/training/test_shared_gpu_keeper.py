"""A run asks the real keeper of a model server to rest, and the server comes back with what the run has made. The server is a stand-in."""

from datetime import UTC, datetime
from pathlib import Path

from assistant.gpu_files import read_mirror
from tests.engines.kept import free_ports, run_kept
from tests.training.run_site import StandInParts, new_site
from tests.training.sharing import shared
from training.schema import RunState


def test_a_server_rests_while_a_run_has_the_gpu_and_serves_again_afterwards(tmp_path: Path) -> None:
    site = new_site(tmp_path)
    data = site.settings.data_dir
    with run_kept(data, ports=free_ports(1)) as kept:
        kept.wait_for(state="serving")
        (before,) = kept.engine_pids()
        states: list[str] = []

        def look(name: str) -> None:
            if name in ("write_job", "measure live", "judge", "let_go"):
                states.append(kept.report()["state"])
                assert kept.engine_pids() == []

        run = site.lead(site.create(), StandInParts(candidates=["sft"], before=look), gpu=shared(site))
        assert run.state is RunState.PROMOTED, run.problem
        assert states == ["resting"] * 4
        assert read_mirror(data, now=datetime.now(UTC)) is None
        kept.wait_for(state="serving")
        assert kept.engine_pids() not in ([], [before])
    site.close()
