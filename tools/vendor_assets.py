"""Takes the files of npm packages that the pages use, as `vendor.lock.json` lists them.

    python tools/vendor_assets.py --check     # the committed bytes are those of the registry
    python tools/vendor_assets.py --update    # after a version or a file was changed in vendor.lock.json

Nothing of a package is run: the tarball of the exact version is compared with its checksum and the listed
files are taken out of it. The licences of what a bundle has inside come from the packages that it names.
Needs npm.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

REPO: Final = Path(__file__).resolve().parents[1]
VENDOR: Final = REPO / "src/bioimg_kg/endpoint/static/vendor"
LOCK: Final = VENDOR / "vendor.lock.json"
LICENCES: Final = VENDOR / "THIRD_PARTY_LICENSES.txt"
RULE: Final = "=" * 78

MIT: Final = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


class Tarball:
    """The tarball of one version of a package.

    Parameters
    ----------
    name, version
        The package.
    folder
        Where to put it.
    """

    def __init__(self, name: str, version: str, folder: Path) -> None:
        command = ["npm", "pack", "--silent", f"{name}@{version}", "--pack-destination", str(folder)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
        path = folder / done.stdout.strip().splitlines()[-1]
        digest = hashlib.sha512(path.read_bytes()).digest()
        self.integrity = f"sha512-{base64.b64encode(digest).decode()}"
        with tarfile.open(path) as tar:
            self.files = {
                member.name.partition("/")[2]: stream.read()
                for member in tar
                if member.isfile() and (stream := tar.extractfile(member))
            }

    @property
    def licence(self) -> str | None:
        """The text of its licence, if it has one."""
        found = [name for name in self.files if name.lower().split(".")[0] in {"license", "licence"}]
        return self.files[min(found)].decode().strip() if found else None

    @property
    def declared(self) -> str:
        """The licence that it declares."""
        stated = json.loads(self.files["package.json"]).get("license") or "see its licence text"
        return stated if isinstance(stated, str) else str(stated["type"])


def folder_of(package: dict[str, Any]) -> Path:
    """Return where the files of a package are: the version is in the path, so that it never changes."""
    return VENDOR / f"{package['name'].rpartition('/')[2].removesuffix('.org')}-{package['version']}"


def wanted(lock: dict[str, Any], temporary: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield what should be there: path and content; the lock itself is completed on the way."""
    texts = ["Licences of what this folder has from others. Made by tools/vendor_assets.py.\n"]
    for package in lock["packages"]:
        tarball = Tarball(package["name"], package["version"], temporary)
        package["integrity"] = tarball.integrity
        for entry in package["files"]:
            content = tarball.files[entry["from"]]
            path = folder_of(package) / Path(entry["from"]).name
            entry["file"] = path.relative_to(VENDOR).as_posix()
            entry["sha256"] = hashlib.sha256(content).hexdigest()
            yield path, content
        text = tarball.licence or f"{package['copyright']}\n\n{MIT}"
        texts += [_licence(f"{package['name']} {package['version']}", package["licence"], text)]
        for name, version in package.get("bundled", {}).items():
            inside = Tarball(name, version, temporary)
            text = inside.licence or "(its package has no licence text)"
            texts += [_licence(f"{name}, inside {package['name']}", inside.declared, text)]
    yield LICENCES, "\n".join(texts).encode()


def _licence(what: str, licence: str, text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").splitlines())
    return f"{RULE}\n{what}: {licence}\n{RULE}\n\n" + "\n".join(lines).strip() + "\n"


def main() -> int:
    """Check or update the files."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--check", action="store_true", help="compare, and end with 1 if anything differs")
    group.add_argument("--update", action="store_true", help="write what differs")
    update = parser.parse_args().update
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        files = dict(wanted(lock, Path(temporary)))
    files[LOCK] = (json.dumps(lock, indent=2, ensure_ascii=False) + "\n").encode()
    there = {path for path in VENDOR.rglob("*") if path.is_file()}
    wrong = [path for path, content in files.items() if path not in there or path.read_bytes() != content]
    wrong += sorted(there - files.keys())
    for path in wrong:
        print(f"{'wrote' if update else 'differs'}: {path.relative_to(REPO)}")
        if update and path not in files:
            path.unlink()
        elif update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path])
    return 0 if update or not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
