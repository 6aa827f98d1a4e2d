"""Runs PostgreSQL as somebody who is not root, with programs and data that this somebody can reach."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from base.embedded.children import Account, die_with
from base.errors import SettingsError

_COPIES = Path("/var/lib/trato")
_SYSTEM_USER = "nobody"


def account_for(data: Path) -> Account | None:
    """Whom the server shall run as: nobody special unless we are root, then the owner of `data`, which is handed over if it is root's."""
    if os.geteuid() != 0:
        return None
    owner = data.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam(_SYSTEM_USER)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    return Account(nobody.pw_uid, nobody.pw_gid)


def reachable_programs(folder: Path, account: Account | None) -> Path:
    """`folder`, or a copy of its installation where `account` can run it, e.g. when the original lies below a private home.

    Raises `SettingsError` when no such copy can be made.
    """
    if account is None or _runs(folder, account):
        return folder
    try:
        copy = _copy(folder)
    except OSError as error:
        raise SettingsError(f"User {account.uid} cannot run {folder}, and no copy could be made ({error}). Set PG_BIN.") from error
    if not _runs(copy, account):
        raise SettingsError(f"User {account.uid} can run neither {folder} nor its copy {copy}. Set PG_BIN to programs it can run.")
    return copy


def run_as(
    account: Account | None, command: Sequence[str], *, env: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end as `account`; both its outputs are in ``stdout``."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        env=dict(env),
        pass_fds=pass_fds,
        preexec_fn=die_with(os.getpid(), signal.SIGKILL),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[int]:
    """`folder` as an open file: who inherits it needs no right to the folders above it, such as a private home."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def handed_over(secret: str, account: Account | None) -> Iterator[int]:
    """A nameless file with `secret` that only `account` and we can read."""
    with tempfile.TemporaryFile() as file:
        file.write(secret.encode())
        file.flush()
        if account:
            os.fchown(file.fileno(), account.uid, account.gid)
        yield file.fileno()


def path_of(descriptor: int) -> str:
    """The name under which a child that inherited this open file finds it."""
    return f"/proc/self/fd/{descriptor}"


def _runs(folder: Path, account: Account) -> bool:
    try:
        return run_as(account, [str(folder / "postgres"), "--version"], env={}).returncode == 0
    except OSError:
        return False


def _copy(folder: Path) -> Path:
    digest = hashlib.sha256((folder / "postgres").read_bytes()).hexdigest()[:16]
    copy = _COPIES / f"postgres-{digest}"
    if not _is_ours(copy):
        _COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_COPIES) as making:
            shutil.copytree(folder.parent, Path(making) / "copy", symlinks=True)
            _open_to_readers(Path(making) / "copy")
            _replace(Path(making) / "copy", copy)
    return copy / folder.name


def _is_ours(copy: Path) -> bool:
    """Whether the copy is there, whole, and could be written by root alone."""
    try:
        state = copy.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == 0 and not state.st_mode & 0o022


def _replace(made: Path, copy: Path) -> None:
    try:
        made.rename(copy)
    except OSError:
        # Another launcher was faster; its copy is the same, or the rename failed for a reason worth telling.
        if not _is_ours(copy):
            raise


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = 0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644
            path.chmod(mode)
