"""A stand-in for Discord in a server of its own: REST and gateway over real sockets, for a real discord.py.

It plays what the simulator cannot: a login, rate limits, and what Discord answers to another process.
"""

from __future__ import annotations

import asyncio
import fnmatch
import itertools
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import discord
import yarl
from aiohttp import WSMsgType, web

APPLICATION_ID = 1_200_000_000_000_000_777
CHANNEL_ID = 1_200_000_000_000_000_888
USER_ID = 1_200_000_000_000_000_999
ANSWER_ID = 1_200_000_000_000_001_111

ME = {"id": str(APPLICATION_ID), "username": "vignette", "discriminator": "0000", "avatar": None, "bot": True}
ANN = {"id": str(USER_ID), "username": "ann", "discriminator": "0", "avatar": None, "global_name": None}
BEN = ANN | {"id": str(USER_ID + 1), "username": "ben"}
IDENTIFY, PRESENCE_UPDATE = 2, 3
ADMINISTRATOR = 1 << 3
COMPONENTS_V2 = 1 << 15
"""Flag of a message that is made of components alone."""
SECONDS = 60.0
"""How long an answer may take on a busy machine."""


@dataclass(frozen=True)
class Told:
    """One thing that the bot told Discord: a REST call (`POST /interactions/...`), or a gateway message (`op 2`)."""

    what: str
    body: Any
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Refusal:
    """What Discord answers in place of what it should."""

    status: int
    code: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


class DiscordStandIn:
    """Discord, as far as the bot sees it. `async with` starts it.

    Attributes:
        told: what the bot said, in order.
        refusals: what to answer to calls that fit a pattern such as `PATCH /webhooks/*`, each once, in order.
        denied: permissions that nobody has in the channel, as Discord numbers them; said when the bot comes online.
    """

    denied = 0

    def __init__(self, guild_id: int) -> None:
        self._guild_id = guild_id
        self.told: list[Told] = []
        self.refusals: dict[str, deque[Refusal]] = {}
        self._files: dict[str, bytes] = {}
        self._news = asyncio.Condition()
        self._numbers = itertools.count(1_300_000_000_000_000_000)
        self._socket: web.WebSocketResponse | None = None
        self._sequence = itertools.count(1)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway/", self._gateway)
        app.router.add_get("/files/{name}", self._file)
        app.router.add_route("*", "/api/{path:.*}", self._rest)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def refuse(self, pattern: str, *answers: Refusal) -> None:
        """Answer the next calls that fit with these."""
        self.refusals[pattern] = deque(answers)

    async def heard(self, pattern: str, where: Callable[[Any], bool] = lambda _: True, *, count: int = 1) -> Told:
        """Wait until the bot has said something for the n-th time, and return it."""

        def fitting() -> list[Told]:
            return [told for told in self.told if fnmatch.fnmatch(told.what, pattern) and where(told.body)]

        async with asyncio.timeout(SECONDS), self._news:
            await self._news.wait_for(lambda: len(fitting()) >= count)
            return fitting()[count - 1]

    async def slash(self, name: str, inside: str = "", **options: str) -> str:
        """Run a command as Ann, one inside a group perhaps, and return the interaction's token."""
        number = str(next(self._numbers))
        chosen: list[dict[str, Any]] = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
        chosen = [{"name": inside, "type": 1, "options": chosen}] if inside else chosen
        data = {"id": "1", "name": name, "type": 1, "guild_id": str(self._guild_id), "options": chosen}
        await self._dispatch("INTERACTION_CREATE", self._interaction(number, 2, data))
        return f"token-{number}"

    async def complete(self, name: str, **options: str) -> str:
        """Type an option of a command as Ann, and return the interaction's id."""
        number = str(next(self._numbers))
        chosen = [{"name": key, "type": 3, "value": value, "focused": True} for key, value in options.items()]
        data = {"id": "1", "name": name, "type": 1, "guild_id": str(self._guild_id), "options": chosen}
        await self._dispatch("INTERACTION_CREATE", self._interaction(number, 4, data))
        return number

    async def press(self, *presses: tuple[Mapping[str, Any], str], message_id: int) -> list[str]:
        """Press buttons of one message at the same moment, each as somebody, and return the interactions' tokens."""
        buttons = [
            {"type": 2, "style": 1, "label": str(number), "custom_id": custom_id, "id": number + 2}
            for number, custom_id in enumerate(dict.fromkeys(each for _, each in presses))
        ]
        row = {"type": 1, "id": 1, "components": buttons}
        message = self._message() | {"id": str(message_id), "type": 0, "flags": COMPONENTS_V2, "components": [row]}
        events = []
        for who, custom_id in presses:
            data = {"custom_id": custom_id, "component_type": 2}
            events.append(self._interaction(str(next(self._numbers)), 3, data, who) | {"message": message})
        for event in events:
            await self._dispatch("INTERACTION_CREATE", event)
        return [str(event["token"]) for event in events]

    async def post(self, content: str, picture: bytes, *, expired: bool = False) -> None:
        """Post a message with a picture as Ann; the link to the picture may have expired, which is a 404 there."""
        number = str(next(self._numbers))
        if not expired:
            self._files[f"{number}.jpg"] = picture
        url = f"http://127.0.0.1:{self.port}/files/{number}.jpg"
        attachment = {"id": number, "filename": "a.jpg", "size": len(picture), "url": url, "proxy_url": url}
        content_of = {"id": number, "content": content, "attachments": [attachment], "author": ANN, "flags": 0}
        member: dict[str, Any] = {"roles": [], "joined_at": None, "flags": 0}
        place = {"guild_id": str(self._guild_id), "member": member, "type": 0}
        await self._dispatch("MESSAGE_CREATE", self._message() | content_of | place)

    async def _file(self, request: web.Request) -> web.Response:
        data = self._files.get(request.match_info["name"])
        return web.Response(status=404) if data is None else web.Response(body=data, content_type="image/jpeg")

    def redirect(self, setattr_: Callable[[object, str, object], None]) -> None:
        """Let this process's discord.py talk to the stand-in; `setattr_` may be a test's, which is undone."""
        setattr_(discord.http.Route, "BASE", f"http://127.0.0.1:{self.port}/api")
        gateway = yarl.URL(f"ws://127.0.0.1:{self.port}/gateway/")
        setattr_(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)

    def _interaction(self, number: str, kind: int, data: object, who: Mapping[str, Any] = ANN) -> dict[str, Any]:
        member: dict[str, Any] = {"user": who, "roles": [], "joined_at": None, "permissions": "8", "flags": 0}
        channel = {"id": str(CHANNEL_ID), "type": 0, "name": "pictures", "guild_id": str(self._guild_id), "position": 0}
        return {
            "id": number, "application_id": str(APPLICATION_ID), "type": kind, "data": data, "token": f"token-{number}",
            "guild_id": str(self._guild_id), "channel_id": str(CHANNEL_ID), "channel": channel, "member": member,
            "version": 1, "entitlements": [], "attachment_size_limit": 10485760, "locale": "en-GB", "context": 0,
            "authorizing_integration_owners": {"0": str(self._guild_id)}, "app_permissions": "2147483647",
        }  # fmt: skip

    async def _hear(self, what: str, body: object) -> None:
        async with self._news:
            self.told.append(Told(what, body))
            self._news.notify_all()

    # ------------------------------------------------------------- REST

    async def _rest(self, request: web.Request) -> web.Response:
        what = f"{request.method} {request.path.removeprefix('/api')}"
        await self._hear(what, await _body(request))
        for pattern, waiting in self.refusals.items():
            if waiting and fnmatch.fnmatch(what, pattern):
                return _refused(waiting.popleft())
        return self._answered(request.method, request.path.removeprefix("/api"))

    def _answered(self, method: str, path: str) -> web.Response:
        if "/members/" in path:
            return _refused(Refusal(404, 10007))
        body = self._body_for(method, path)
        return web.Response(status=204) if body is None else _json(body)

    def _body_for(self, method: str, path: str) -> object:
        """What Discord has to say to a call; None where it says nothing."""
        known: dict[str, object] = {
            "/users/@me": ME,
            "/users/@me/channels": {"id": str(CHANNEL_ID + 1), "type": 1, "recipients": [BEN], "last_message_id": None},
            "/applications/@me": {"id": str(APPLICATION_ID), "name": "vignette", "flags": 0} | _APPLICATION,
        }
        if (path := path.removeprefix("/oauth2")) in known:
            return known[path]
        if path.startswith("/users/"):
            return BEN | {"id": path.removeprefix("/users/")}
        if path.endswith("/commands") and method == "PUT":
            return []
        if path.endswith("/callback"):
            return {"interaction": {"id": path.split("/")[2], "type": 2}}
        posted = path.endswith("/messages") or (path.startswith("/webhooks/") and method != "DELETE")
        return self._message() if posted else None

    def _message(self) -> dict[str, Any]:
        return {
            "id": str(ANSWER_ID), "channel_id": str(CHANNEL_ID), "type": 20, "content": "", "tts": False,
            "mention_everyone": False, "mentions": [], "mention_roles": [], "embeds": [], "attachments": [],
            "components": [], "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "flags": 128,
            "author": ME, "pinned": False,
        }  # fmt: skip

    # ------------------------------------------------------------- gateway

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        self._socket = socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40_000}, "s": None, "t": None})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._gateway_message(message.json())
        await self._hear("closed", None)
        return socket

    async def _gateway_message(self, message: Mapping[str, Any]) -> None:
        await self._hear(f"op {message['op']}", message["d"])
        if message["op"] == IDENTIFY:
            guild = {"id": str(self._guild_id), "unavailable": True}
            application = {"id": str(APPLICATION_ID), "flags": 0}
            here = f"ws://127.0.0.1:{self.port}/gateway/"
            ready = {"v": 10, "user": ME, "guilds": [guild], "session_id": "s", "resume_gateway_url": here}
            await self._dispatch("READY", ready | {"application": application})
            await self._dispatch("GUILD_CREATE", self._guild())
        elif message["op"] == 1 and self._socket is not None:
            await self._socket.send_json({"op": 11, "d": None})

    def _guild(self) -> dict[str, Any]:
        all_but_one = str((2**50 - 1) & ~ADMINISTRATOR)
        everyone = {
            "id": str(self._guild_id), "name": "@everyone", "permissions": all_but_one, "position": 0, "color": 0,
            "hoist": False, "managed": False, "mentionable": False, "flags": 0,
        }  # fmt: skip
        denied = {"id": str(self._guild_id), "type": 0, "allow": "0", "deny": str(self.denied)}
        channel = {"id": str(CHANNEL_ID), "type": 0, "name": "pictures", "position": 0}
        channel |= {"permission_overwrites": [denied]}
        me = {"user": ME, "roles": [], "joined_at": None, "flags": 0}
        return {
            "id": str(self._guild_id), "name": "Research", "owner_id": str(USER_ID), "roles": [everyone],
            "channels": [channel], "members": [me], "member_count": 2, "emojis": [], "stickers": [], "features": [],
            "threads": [], "premium_tier": 0, "preferred_locale": "en-GB", "verification_level": 0, "nsfw_level": 0,
            "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0, "large": False,
            "unavailable": False, "system_channel_flags": 0,
        }  # fmt: skip

    async def _dispatch(self, event: str, payload: Mapping[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send_json({"op": 0, "t": event, "s": next(self._sequence), "d": payload})


_APPLICATION = {
    "description": "", "icon": None, "bot_public": False, "bot_require_code_grant": False, "verify_key": "",
    "owner": ANN, "team": None, "summary": "",
}  # fmt: skip


async def _body(request: web.Request) -> Any:
    """What a call says; of a call with files the part in JSON."""
    if request.content_type.startswith("multipart/"):
        fields = await request.post()
        return json.loads(str(fields.get("payload_json", "null")))
    text = await request.text()
    return json.loads(text) if text else None


def _refused(refusal: Refusal) -> web.Response:
    body = {"message": "refused", "code": refusal.code, **refusal.extra}
    return _json(body, status=refusal.status, headers=dict(refusal.headers))


def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON as Discord labels it: discord.py reads nothing that names a character set beside."""
    data = json.dumps(body).encode()
    return web.Response(body=data, status=status, headers=headers, content_type="application/json")


if __name__ == "__main__":  # the bot's own command, in a process of its own
    stand_in = DiscordStandIn(0)
    stand_in.port = int(sys.argv[1])
    stand_in.redirect(setattr)
    from bot.cli import main

    sys.exit(main(["bot"]))
