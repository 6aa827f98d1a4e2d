"""The command line: `trato migrate`, `seed`, `people`, `web`, `worker`, `token EMAIL`, `invite EMAIL`, `kill-switch`, `ledger verify`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import uvicorn

from base import audit
from base.db import Tx
from base.errors import SettingsError, TratoError
from base.log import set_up_logging
from base.settings import Settings, read_settings
from console.app import create_app
from console.migrating import migrate
from console.setting_up import people_lines, set_up
from inbox.product import Product, open_product
from inbox.stopping import let_channel_go, stop_channel
from inbox.worker import work_until
from staff.invitations import invite
from staff.people import agent_by_email
from staff.sessions import new_token

_MOST_BYTES_PER_FRAME = 65_536
_GRACE_SECONDS = 5


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Expected problems are one sentence on standard error."""
    arguments = _parser().parse_args(argv)
    try:
        settings = read_settings()
        set_up_logging(settings.log_format)
        return int(arguments.run(settings, arguments) or 0)
    except TratoError as error:
        print(f"trato: {error}", file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trato", description="Trato's programs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "migrate", _migrate, "bring the database to this version's shape")
    _add(commands, "seed", _seed, "make what a start needs: keys, and with DEMO=1 the demo")
    _add(commands, "people", _people, "who can sign in to the demo; without it, how the first person comes in")
    web = _add(commands, "web", _web, "serve pages, API, carriers' doors and live sockets")
    web.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    _add(commands, "worker", _worker, "deliver, reconcile and seal the ledger")
    token = _add(commands, "token", _token, "print a new bearer token of an agent, and nothing else")
    token.add_argument("email")
    invite = _add(commands, "invite", _invite, "print a link by which an agent chooses a new password: works once, for 72 hours")
    invite.add_argument("email")
    switch = _add(commands, "kill-switch", _kill_switch, "stop all sends of a channel, or let them go again")
    switch.add_argument("channel", help="sms, whatsapp, email, voice, or * for all")
    switch.add_argument("--reason", help="why; shown to every agent")
    switch.add_argument("--lift", action="store_true", help="let sends go again")
    ledger = _add(commands, "ledger", _ledger, "check the audit ledger, or print its newest checkpoint to be kept elsewhere")
    ledger.add_argument("what", choices=["verify", "checkpoint"])
    ledger.add_argument("--pinned", type=Path, action="append", default=[], help="a file with a checkpoint that was kept elsewhere")
    return parser


T = TypeVar("T")
Run = Callable[[Settings, argparse.Namespace], "int | None"]


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Run, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _migrate(settings: Settings, _: argparse.Namespace) -> None:
    migrate(settings.migrator_database_url)


def _seed(settings: Settings, _: argparse.Namespace) -> None:
    asyncio.run(_with_product(settings, set_up))


def _people(settings: Settings, _: argparse.Namespace) -> None:
    for line in asyncio.run(_with_product(settings, people_lines)):
        print(line)


def _web(settings: Settings, arguments: argparse.Namespace) -> None:
    uvicorn.run(
        create_app(settings),
        host=arguments.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=_MOST_BYTES_PER_FRAME,
        ws_per_message_deflate=settings.websocket_compression,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        date_header=True,
        access_log=False,
        log_level="warning",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )


def _worker(settings: Settings, _: argparse.Namespace) -> None:
    asyncio.run(_with_product(settings, _work))


async def _work(product: Product) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await work_until(product, stop)


def _token(settings: Settings, arguments: argparse.Namespace) -> None:
    async def make(product: Product) -> None:
        async with product.work() as tx:
            agent = await agent_by_email(tx, arguments.email)
            if agent is None:
                raise TratoError(f"There is no active agent with the email {arguments.email}.")
            token = await new_token(tx, agent)
        print(token)

    asyncio.run(_with_product(settings, make))


def _invite(settings: Settings, arguments: argparse.Namespace) -> None:
    async def make(product: Product) -> None:
        async with product.work() as tx:
            agent = await agent_by_email(tx, arguments.email)
            if agent is None:
                raise TratoError(f"There is no active agent with the email {arguments.email}.")
            token = await invite(tx, "system:command-line", agent)
        print(f"{settings.public_url}/welcome/{token}")

    asyncio.run(_with_product(settings, make))


def _kill_switch(settings: Settings, arguments: argparse.Namespace) -> None:
    async def turn(tx: Tx) -> None:
        if arguments.lift:
            await let_channel_go(tx, arguments.channel)
            print(f"Sends on {arguments.channel} go again.")
        elif arguments.reason:
            await stop_channel(tx, arguments.channel, arguments.reason)
            print(f"Sends on {arguments.channel} are stopped: {arguments.reason}.")
        else:
            raise TratoError("Say why with --reason, or let sends go again with --lift.")

    asyncio.run(_in_transaction(settings, turn))


def _ledger(settings: Settings, arguments: argparse.Namespace) -> int:
    async def checkpoint(product: Product) -> int:
        async with product.work() as tx:
            note = await audit.newest_note(tx)
        if note is None:
            raise TratoError("The ledger has no checkpoint yet. Start a worker and ask again in a moment.")
        print(note, end="")
        return 0

    async def verify(product: Product) -> int:
        public_key = audit.private_key(settings.ledger_key).public_key()
        async with product.work() as tx:
            size, problems = await audit.verify(tx, public_key, [_read(path) for path in arguments.pinned])
        print(f"{size} entries, " + ("every one in its place" if not problems else f"{len(problems)} problems"))
        for problem in problems:
            print(f"- {problem}")
        return 1 if problems else 0

    return asyncio.run(_with_product(settings, verify if arguments.what == "verify" else checkpoint))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, ValueError) as error:
        raise TratoError(f"--pinned: {path} cannot be read ({error}).") from error


async def _in_transaction(settings: Settings, act: Callable[[Tx], Awaitable[None]]) -> None:
    async def run(product: Product) -> None:
        async with product.work() as tx:
            await act(tx)

    await _with_product(settings, run)


async def _with_product(settings: Settings, act: Callable[[Product], Awaitable[T]]) -> T:
    product = await open_product(settings)
    try:
        return await act(product)
    finally:
        await product.close()


if __name__ == "__main__":
    sys.exit(main())
