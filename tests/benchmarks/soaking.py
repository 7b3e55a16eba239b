"""What people do all day, at random but from a seed: the work of the soak."""

import asyncio
import json
import random
import re
from collections import Counter
from typing import Any, Self

import aiohttp

from tests.benchmarks.paged import PageSession, sign_in
from tests.benchmarks.served import QUESTION, REPORT, REPORT_ID, Served

_SILENCE_S = 120
_UPLOADS = 40
"""So many different reports come and go: the library stays about as large as it is."""
_TIDIED = 404
"""Somebody else may have deleted the conversation meanwhile."""
_FINDINGS = ("consolidation of the left lower lobe", "a simple cyst of the liver", "mild oedema", "no acute change")


class Practice:
    """People and pages at one server, and what became of all they did."""

    def __init__(self, served: Served) -> None:
        self._url, self._served = f"http://127.0.0.1:{served.curbside}", served
        self._asked = 0
        self.closing = False
        self.answers = 0
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []

    async def __aenter__(self) -> Self:
        self._page_http, self._config = await sign_in(self._url, self._served.password)
        self._http = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._served.token}"},
            timeout=aiohttp.ClientTimeout(total=_SILENCE_S),
            connector=aiohttp.TCPConnector(limit=0),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await self._page_http.close()

    async def open_sessions(self, count: int) -> None:
        """Open pages, ask on each and leave them, as many as the server remembers: it then holds as much as it ever does."""
        left = iter(range(count))

        async def some() -> None:
            for number in left:
                await self._try("page at first", self._visit(random.Random(number)))

        await asyncio.gather(*(some() for _ in range(4)))

    async def person(self, number: int) -> None:
        """Somebody who uses the HTTP interface, until the practice closes."""
        rng = random.Random(number)
        acts = {
            self._ask_and_say: 45, self._hang_up: 12, self._paste: 6, self._upload: 10, self._delete_report: 6,
            self._search: 10, self._tidy: 8,
        }  # fmt: skip
        while not self.closing:
            (act,) = rng.choices(list(acts), list(acts.values()))
            await self._try(act.__name__.strip("_"), act(rng))
            await asyncio.sleep(rng.uniform(0, 0.2))

    async def browser(self, number: int) -> None:
        """Somebody who opens a page, asks, perhaps stops, rates, and leaves; again and again."""
        rng = random.Random(1000 + number)
        while not self.closing:
            await self._try("page", self._visit(rng))
            await asyncio.sleep(rng.uniform(0, 0.3))

    async def _try(self, name: str, act: Any) -> None:
        try:
            await act
            self.done[name] += 1
        except (aiohttp.ClientError, TimeoutError, RuntimeError, LookupError, ValueError) as error:
            self.failures.append(f"{name}: {type(error).__name__} {error}")

    # over HTTP

    async def _call(self, method: str, path: str, *allowed: int, **given: Any) -> Any:
        async with self._http.request(method, f"{self._url}/api/v1/{path}", **given) as reply:
            if reply.status >= 400 and reply.status not in allowed:
                raise RuntimeError(f"{method} {path.split('/')[0]} gave status {reply.status}")
            return await reply.json() if reply.content_type == "application/json" else None

    def _question(self) -> str:
        self._asked += 1
        return QUESTION.format(self._asked)

    async def _ask(self, **body: Any) -> int:
        """The turn's id, once the answer is whole."""
        async with self._http.post(f"{self._url}/api/v1/ask", json={"question": self._question(), **body}) as reply:
            if reply.status != 200:
                raise RuntimeError(f"ask gave status {reply.status}")
            text = (await reply.read()).decode()
        kept = re.search(r'event: kept\ndata: {"turn_id": (\d+)', text)
        if kept is None or "event: fell_back" in text:
            raise RuntimeError("an answer was not whole")
        self.answers += 1
        return int(kept.group(1))

    async def _ask_and_say(self, rng: random.Random) -> None:
        turn = await self._ask(report_id=REPORT_ID)
        if rng.random() < 0.3:
            await self._call(
                "POST", f"turns/{turn}/ratings", _TIDIED, json={"thumbs": rng.choice((1, -1)), "comment": "Too long."}
            )
        if rng.random() < 0.1:
            text = f"Community-acquired pneumonia, week {self._asked}. No pleural effusion."
            await self._call("POST", f"turns/{turn}/edits", _TIDIED, json={"text": text})

    async def _hang_up(self, rng: random.Random) -> None:
        body = {"question": self._question(), "report_id": REPORT_ID}
        async with self._http.post(f"{self._url}/api/v1/ask", json=body) as reply:
            for _ in range(rng.randint(1, 40)):
                await reply.content.readline()
            reply.close()

    async def _paste(self, rng: random.Random) -> None:
        await self._ask(report=REPORT.replace("pneumonia", rng.choice(("pneumonia", "bronchitis", "pleurisy"))))

    async def _upload(self, rng: random.Random) -> None:
        text = f"FINDINGS: There is {rng.choice(_FINDINGS)}.\nIMPRESSION: {rng.choice(_FINDINGS).capitalize()}.\n"
        record = {"id": f"soak-{rng.randrange(_UPLOADS)}", "text": text * rng.randint(1, 8)}
        form = aiohttp.FormData()
        form.add_field("files", json.dumps(record).encode(), filename="report.json")
        (result,) = await self._call("POST", "reports/files", data=form)
        if result["problem"]:
            raise RuntimeError("an upload was not kept")

    async def _delete_report(self, rng: random.Random) -> None:
        await self._call("DELETE", f"reports/soak-{rng.randrange(_UPLOADS)}", 404)

    async def _search(self, rng: random.Random) -> None:
        await self._call("GET", "search", params={"q": f"{rng.choice(_FINDINGS)} after {rng.randint(1, 10_000)} weeks"})

    async def _tidy(self, rng: random.Random) -> None:
        """Look at one's conversations, open one, delete another."""
        mine = await self._call("GET", "conversations")
        if len(mine) > 10:
            await self._call("GET", f"conversations/{rng.choice(mine)['id']}", 404)
            await self._call("DELETE", f"conversations/{rng.choice(mine)['id']}", 404)

    # on the page

    async def _visit(self, rng: random.Random) -> None:
        page = PageSession(self._page_http, self._config, self._url)
        if rng.random() < 0.5:
            await page.ask_for("opened", "use_report", data={"id": REPORT_ID}, seen=lambda _: None)
        else:
            await page.ask_for("report", "example", data={"name": "discharge_summary"}, seen=lambda _: None)
        screens: list[str] = []
        for _ in range(rng.randint(1, 3)):
            asking = asyncio.ensure_future(
                page.ask_for("ask", "click", self._question(), seen=lambda data: screens.append(json.dumps(data)))
            )
            if rng.random() < 0.25:
                await asyncio.sleep(rng.uniform(0.05, 0.5))
                await page.send("stop", "click")
            await asking
            self.answers += 1
        turns = re.findall(r'data-turn=\\"(\d+)', screens[-1]) if screens else []
        if turns and rng.random() < 0.3:
            await page.ask_for("talk", "rate", data={"turn": turns[-1], "thumbs": 1}, seen=lambda _: None)
