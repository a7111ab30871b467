"""Stand-ins for what is on the network: a web server with whims, and git repositories."""

import os
import re
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Page:
    """A file of the server and how it is served.

    ``cut`` lists after how many bytes the answers are cut off, one request after the other.
    """

    content: bytes
    etag: str = ""
    modified: str = ""
    ranges: bool = True
    cut: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    status: list[int] = field(default_factory=list)
    location: str = ""
    length: bool = True


@dataclass
class Request:
    path: str
    range: str
    status: int
    sent: int


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = {}
        self.log = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, path, content, **how):
        self.pages[path] = Page(content, **{"etag": '"1"', **how})
        return f"{self.url}{path}"

    def handle_error(self, request, client_address):
        pass  # the other side may hang up


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        page = self.server.pages.get(self.path) or Page(b"nothing", status=[404])
        asked = self.headers.get("Range", "")
        start, status, body = self.answer(page, asked)
        stop = page.cut.pop(0) if page.cut and status in (200, 206) else len(body)
        self.send_response(status)
        length = {"Content-Length": str(len(body))} if page.length else {"Connection": "close"}
        about = {"ETag": page.etag, "Last-Modified": page.modified, "Location": page.location}
        if status == 206:
            about["Content-Range"] = f"bytes {start}-{len(page.content) - 1}/{len(page.content)}"
        for name, value in (length | about | page.headers).items():
            if value:
                self.send_header(name, value)
        # before anything is sent: then whoever has an answer finds its line
        self.server.log.append(Request(self.path, asked, status, stop))
        self.end_headers()
        self.wfile.write(body[:stop])
        self.wfile.flush()
        self.close_connection = stop < len(body) or not page.length

    def answer(self, page, asked):
        """Return where the body starts, the status and the body."""
        if page.status and (forced := page.status.pop(0)) != 200:
            return 0, forced, b"no"
        if page.location:
            return 0, 302, b""
        if asked and page.ranges and self.headers.get("If-Range", "") in ("", page.etag, page.modified):
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
            return (start, 206, page.content[start:]) if start < len(page.content) else (0, 416, b"")
        return 0, 200, page.content


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Stand-ins are on this machine, whatever proxy it has."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,nowhere.invalid")


@pytest.fixture
def server():
    with Server() as one:
        thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def git(folder, *arguments):
    """Run git in a folder, with an author and nothing of the user's configuration."""
    who = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A"}
    who |= {
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *map(str, arguments)],
        env=os.environ | who,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder, message="x"):
    """Make a repository of a folder if it is none, commit all that is in it; return the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def superproject(folder, modules):
    """Commit a folder with submodules: address and commit by path; return the commit."""
    commit(folder)
    lines = "".join(f'[submodule "{p}"]\n\tpath = {p}\n\turl = {url}\n' for p, (url, _) in modules.items())
    (folder / ".gitmodules").write_text(lines)
    for path, (_, head) in modules.items():
        (folder / path).mkdir()
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},{path}")
    git(folder, "add", ".gitmodules")
    git(folder, "commit", "--quiet", "-m", "submodules")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repositories():
    """Give the functions that make repositories."""
    return git, commit, superproject
