"""The rules of the house that no linter knows, each as a test: what a reader may rely on without looking."""

from __future__ import annotations

import ast
import base64
import inspect
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from base.settings import read_settings
from console.app import create_app
from console.keys import KEYS

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("base", "staff", "debts", "channels", "compliance", "identity", "inbox", "console")
PROGRAMS = (*ROOMS, "simulator", "tools", "bench")

# Longer than the house likes, for a reason.
LONG_FILES = {
    "channels/contract.py": "the whole contract is read as one page",
    "bench/client.py": "not a part of the product",
}
LONG_FUNCTIONS: dict[str, str] = {}
# Statements in `console/` that name a table of clients: each was read for who may see what it returns.
REVIEWED_STATEMENTS = {
    ("console/api/debtors.py", "_refuse_strangers"): "an id alone, which goes through access_debtor",
    ("console/api/debtors.py", "_search"): "carries MAY_SEE; each id found goes through access_debtor",
    ("console/hub.py", "_check_revisions"): "revisions alone, of what was opened through access_conversation",
}
# Where a carrier may be named outside its adapter: the settings' names, the addresses of its doors, what the launcher makes up.
CARRIER_NAMES = re.compile(
    r"TWILIO_[A-Z_]+|twilio_(account_sid|auth_token(_old)?|sender|whatsapp_sender|api_url|messaging_url|content_url|message|receipt)|(hooks/)?twilio/(message|receipt)"
)
CARRIER_WORDS = re.compile(
    r"twilio|undelivered|\b(Message|Sms|Account)(Sid|Status)\b|\bErrorCode\b|\b(SM|MM|AC)[0-9a-f]{32}\b|\b(21610|21211|21408|2161[0-9]|3000[1-9])\b|meta\.com|wamid",
    re.IGNORECASE,
)
CLIENTS_TABLES = re.compile(
    r"\b(from|join|update|into)\s+(conversation|entry|message|debtor|debt|address|address_link|raw_event|person_key|verdict)\b",
    re.IGNORECASE,
)
NETWORK = {
    "send",
    "publish",
    "poke",
    "enqueue_job",
    "get",
    "post",
    "put",
    "delete",
    "request",
    "listed",
    "list_messages",
    "listing",
    "walk",
    "ring",
}


@cache
def modules(*rooms: str) -> tuple[tuple[str, ast.Module, str], ...]:
    """Every module of some folders: its path from the top, its tree and its text."""
    paths = sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))
    return tuple((str(path.relative_to(ROOT)), ast.parse(text), text) for path in paths for text in [path.read_text()])


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string of a tree that is no docstring; of f-strings their fixed parts."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs)


def called(node: ast.AST) -> str:
    """The last name of what a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def kept_files() -> list[Path]:
    """Every file that is or will be committed."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_nothing_below_the_database_commits() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree, _ in modules(*ROOMS)
        if path != "base/db.py"
        for node in ast.walk(tree)
        if called(node) in ("commit", "rollback", "begin", "begin_nested") and isinstance(getattr(node, "func", None), ast.Attribute)
    ]
    assert found == []


def test_no_network_inside_a_transaction() -> None:
    """Neither in a block that holds one nor in a function that is handed one."""
    found = []
    for path, tree, _ in modules(*ROOMS):
        blocks: list[ast.AST] = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.AsyncWith) and any(called(item.context_expr) in ("transaction", "work") for item in node.items)
        ]
        blocks += [node for node in functions(tree) if any(argument.arg == "tx" for argument in node.args.args)]
        for block in blocks:
            for node in ast.walk(block):
                if isinstance(node, ast.Await) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
                    owner = ast.unparse(node.value.func.value)
                    if node.value.func.attr in NETWORK and owner.split(".")[0] not in ("tx", "reading", "lists"):
                        found.append(f"{path}:{node.lineno} {owner}.{node.value.func.attr}")
    assert found == []


# Fields that only programs fill in, and sentences for whoever writes one: the API answers in English.
MACHINE_FIELDS = {"cursor", "purpose", "hold_seconds", "not_before", "kind", "channel", "language", "category", "buttons", "team"}


def test_what_people_are_told_is_marked_for_translation() -> None:
    """Outside the API every sentence of a wrong field, a conflict or an objection is a msgid."""
    unmarked = [
        f"{path}:{node.lineno}"
        for path, tree, _ in modules("staff", "debts", "channels", "compliance", "identity", "inbox", "console")
        if not path.startswith(("console/api/", "console/demo/")) and path != "inbox/originals.py"  # what a carrier alone is told
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (at := {"InvalidField": 1, "Objection": 1, "Conflict": 0}.get(called(node))) is not None
        if len(node.args) > at and isinstance(node.args[at], ast.Constant | ast.JoinedStr | ast.BinOp)
        if not (at and isinstance(node.args[0], ast.Constant) and node.args[0].value in MACHINE_FIELDS)
    ]
    assert unmarked == []


def test_lists_are_read_by_keyset() -> None:
    slow = re.compile(r"\boffset\s+[:\d$%{]|count\(\*\)\s*over|select\s+\*", re.IGNORECASE)
    assert [f"{path}:{node.lineno}" for path, tree, _ in modules(*ROOMS) for node in texts(tree) if slow.search(str(node.value))] == []


def test_a_messages_state_moves_in_one_function() -> None:
    moves = re.compile(r"update\s+message\b[^;]*\bset\b[^;]*\b(state|rank)\s*=", re.IGNORECASE | re.DOTALL)
    where = [path for path, tree, _ in modules(*ROOMS) for node in texts(tree) if moves.search(str(node.value).split(" where ")[0])]
    assert where == ["inbox/states.py"]


def test_whatever_is_caught_blindly_says_why() -> None:
    """`except Exception` only at an edge, with the reason on its line; or it passes the error on."""
    found = []
    for path, tree, text in modules(*PROGRAMS):
        lines = text.splitlines()
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            blind = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            reason = re.search(r"#.* - \w.{20,}", lines[node.lineno - 1])
            passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if blind and (node.type is None or not (reason or passed_on)):
                found.append(f"{path}:{node.lineno}")
    assert found == []


def test_the_doors_reach_clients_only_through_access() -> None:
    found = {
        (path, function.name)
        for path, tree, _ in modules("console")
        if not path.startswith("console/demo/") and path != "console/setting_up.py"
        for function in functions(tree)
        for node in texts(function)
        if CLIENTS_TABLES.search(str(node.value)) and not node_of_raw(path, function.name)
    }
    assert found == set(REVIEWED_STATEMENTS)


def node_of_raw(path: str, function: str) -> bool:
    """The raw bytes are read by the id of a message that access_message gave."""
    return (path, function) == ("console/api/messages.py", "read_raw")


def test_every_handler_knows_who_asks_or_says_that_it_need_not() -> None:
    key = base64.b64encode(b"k" * 32).decode()
    keys = {"TRATO_KEYS": f"a:{key}", "TRATO_INDEX_KEY": key, "TRATO_SESSION_KEY": key, "TRATO_LEDGER_KEY": key}
    env = {"DATABASE_URL": "postgresql://x/x", "REDIS_URL": "redis://x", "CARRIER": "simulator", "TRATO_VAR": "/nonexistent"}
    handlers = {
        handler
        for route in create_app(read_settings(env | keys)).routes
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)])
    }
    open_doors = set()
    for handler in handlers:
        if not isinstance(handler, HTTPRouteHandler | WebsocketRouteHandler) or not handler.fn.__module__.startswith("console"):
            continue
        knows = {"session", "caller"} & set(inspect.signature(handler.fn).parameters)
        if not knows:
            open_doors.add((handler.fn.__name__, handler.opt.get("door")))
    assert open_doors == {
        ("health", "open"),
        ("ready", "open"),
        ("metrics", "open"),
        ("sign_in_page", "open"),
        ("sign_in_form", "open"),
        ("start_page", "open"),
        ("start_form", "open"),
        ("welcome_page", "open"),
        ("welcome_form", "open"),
        ("bundle", "open"),
        ("carriers_file", "open"),
        ("twilio_message", "carrier"),
        ("twilio_receipt", "carrier"),
        ("live", "session"),
    }


def test_carrier_words_end_in_the_adapters() -> None:
    rooms = tuple(room for room in ROOMS if room != "channels")
    found = [
        f"{path}:{number} {line.strip()}"
        for path, _, text in modules(*rooms, "migrations")
        for number, line in enumerate(text.splitlines(), 1)
        if CARRIER_WORDS.search(CARRIER_NAMES.sub("", line))
    ]
    allowed = [one for one in found if one.startswith("base/settings.py") and ".twilio.com" in one]
    assert [one for one in found if one not in allowed] == []


@pytest.mark.parametrize("path", sorted((ROOT / "static").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_short_and_never_build_html(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 100
    assert text.startswith("// ")
    assert not re.search(
        r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|\beval\(|new Function|setHTML", text
    )


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_have_nothing_inline_and_trust_nobody(path: Path) -> None:
    text = path.read_text()
    assert not re.search(
        r"\sstyle\s*=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=|javascript:|hx-on|\|\s*safe\b|autoescape\s+false", text, re.IGNORECASE
    )
    assert text.startswith("{#")


def test_every_key_is_bound_to_something() -> None:
    """To a marked control or to a script. Enter follows a link by itself, and Esc leaves the composer in keys.js."""
    marked = {name for path in (ROOT / "templates").rglob("*.html") for name in re.findall(r'data-key-action="([\w-]+)"', path.read_text())}
    scripted = {
        name
        for path in (ROOT / "static").glob("*.js")
        for name in re.findall(r"(?<![\w.])(?:trato\.keys\.)?on\('([\w-]+)',", path.read_text())
    }
    assert {key.action for key in KEYS} - marked - scripted == {"open", "back"}


def test_screens_speak_of_clients() -> None:
    said = [(path, path.read_text()) for path in sorted((ROOT / "templates").rglob("*.html"))]
    for path in sorted((ROOT / "locale").rglob("*.po")):
        said.append((path, "\n".join(re.findall(r'^(?:msgstr.*|".*")$', path.read_text(), re.MULTILINE))))
    harsh = re.compile(r"deudor|devedor|moros[oa]|\bmora\b|\bdeudas?\b|dívida|cobranza|cobrança|inadimpl|mercadeo", re.IGNORECASE)
    assert [f"{path.relative_to(ROOT)}: {word}" for path, text in said for word in harsh.findall(text)] == []


def test_files_and_functions_are_of_a_size_to_be_read() -> None:
    long_files = {path for path, _, text in modules(*PROGRAMS) if len(text.splitlines()) > 250}
    assert long_files - set(LONG_FILES) == set()
    long_functions = {
        f"{path}:{node.name}"
        for path, tree, _ in modules(*PROGRAMS)
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno >= 40
    }
    assert long_functions - set(LONG_FUNCTIONS) == set()


def test_every_module_says_what_it_guards() -> None:
    assert [path for path, tree, _ in modules(*PROGRAMS, "tests", "migrations") if not ast.get_docstring(tree)] == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|HACK)\b|#.*\bfor now\b|\braise NotImplementedError\b")
    found = [
        f"{path}:{number}" for path, _, text in modules(*PROGRAMS) for number, line in enumerate(text.splitlines(), 1) if later.search(line)
    ]
    assert found == []


def test_paths_that_the_papers_name_exist() -> None:
    missing = []
    for paper in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = paper.read_text()
        links = {target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target}
        named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|html|js|css|md|sh|toml))`", text))
        missing += [f"{paper.name}: {target}" for target in links if not (paper.parent / target).exists()]
        missing += [f"{paper.name}: {target}" for target in named if not (ROOT / target).exists()]
    assert missing == []


def test_the_project_names_no_package_host_and_nobodys_machine() -> None:
    hosts = re.compile(
        r"https?://[\w.-]*(pypi|pythonhosted|npmjs|registry|artifactory|nexus|jfrog|mirror)[\w.-]*|--(extra-)?index-url|/wor"
        r"k/(main|shared|\.library)"
    )
    found = []
    for path in kept_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if hosts.search(line) and path != Path(__file__)
        ]
    assert found == []
