"""Images without an engine: buildah in a chroot, kept in a store of its own."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local import CHECKOUT, SERVICES, Trouble

IMAGES = (*SERVICES, "gateway", "welcome")
DEBIAN = "rapport-debian"
PACKAGES = "python3,python3-venv,ca-certificates"
COMMANDS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "rapport/.venv/bin")
UNWANTED = ("pip", "pip3", "uv", "uvx", "gcc", "cc", "g++", "make", "ld")
"""What only builds: no command of that name may be in an image, and neither pip nor setuptools as a module."""


@dataclass(frozen=True)
class Image:
    """A root filesystem, and what an image tells its processes."""

    root: Path
    environment: dict[str, str]
    command: list[str]
    user: str


class Builder:
    """Builds into one store, and mounts from it."""

    def __init__(self, store: Path) -> None:
        self._store = store

    def buildah(self, *arguments: str) -> str:
        """Run buildah; what it said last is in the Trouble when it fails."""
        where = ["--root", str(self._store / "root"), "--runroot", str(self._store / "run")]
        done = subprocess.run(
            ["buildah", *where, *arguments], capture_output=True, text=True, check=False, cwd=CHECKOUT
        )
        if done.returncode:
            raise Trouble(f"buildah {arguments[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}")
        return done.stdout.strip()

    def debian(self) -> str:
        """An image of this machine's release of Debian with its Python, made once."""
        if DEBIAN in self.buildah("images", "--format", "{{.Name}}"):
            return f"localhost/{DEBIAN}"
        tree = self._store / "debian.tar"
        tree.parent.mkdir(parents=True, exist_ok=True)
        certificates = (
            "/etc/ssl/certs/ca-certificates.crt"  # the machine's own way out may have an authority of its own
        )
        hook = f"--customize-hook=copy-in {certificates} /etc/ssl/certs"
        command = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", hook]
        made = subprocess.run([*command, release(), str(tree)], capture_output=True, text=True, check=False)
        if made.returncode:
            raise Trouble(f"mmdebstrap failed:\n{made.stderr[-3000:]}")
        container = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", container, str(tree), "/")
        self.buildah("commit", "--quiet", "--rm", container, DEBIAN)
        tree.unlink()
        return f"localhost/{DEBIAN}"

    def build(self, image: str, base: str) -> None:
        """One image of deploy/Dockerfile, by layers that the next image finds again."""
        how = ["--isolation", "chroot", "--network", "host", "--layers", "--file", "deploy/Dockerfile"]
        how += ["--build-arg", f"BASE={base}", "--build-arg", f"SERVICE={image}", "--tag", f"rapport-{image}"]
        self.buildah("build", *how, ".")

    def mounted(self, image: str) -> Image:
        """An image opened; asked again, opened anew."""
        name = f"opened-{image}"
        if name in self.buildah("containers", "--format", "{{.ContainerName}}").split():
            self.buildah("rm", name)
        self.buildah("from", "--pull-never", "--name", name, f"localhost/rapport-{image}")
        told = json.loads(self.buildah("inspect", "--type", "image", f"localhost/rapport-{image}"))["OCIv1"]["config"]
        environment = dict(line.split("=", 1) for line in told["Env"])
        return Image(Path(self.buildah("mount", name)), environment, told["Cmd"], told.get("User", ""))

    def looked_into(self, image: str) -> str:
        """Refuse an image that is or becomes root or holds what only builds; else its size, and what is ours in it."""
        opened = self.mounted(image)
        wrong = [f"the user {opened.user!r}"] if opened.user != "10001:10001" else []
        commands = {path for folder in COMMANDS for name in UNWANTED if (path := opened.root / folder / name).exists()}
        modules = {path for name in ("pip", "setuptools", "uv") for path in opened.root.rglob(f"*-packages/{name}")}
        becoming = {path for path in opened.root.rglob("*") if is_setuid(path)}
        wrong += sorted(str(path.relative_to(opened.root)) for path in commands | modules | becoming)
        if wrong:
            raise Trouble(f"rapport-{image} has what it should not have: {', '.join(wrong)}")
        ours = opened.root / "rapport"
        services = sorted(path.name for path in (ours / "services").glob("[a-z]*/"))
        return (
            f"({megabytes(opened.root)} MB, {megabytes(ours)} of them ours{': ' * bool(services)}{', '.join(services)})"
        )


def is_setuid(path: Path) -> bool:
    """Whether a program runs as its owner or its group, whoever starts it."""
    mode = path.lstat().st_mode
    return stat.S_ISREG(mode) and bool(mode & (stat.S_ISUID | stat.S_ISGID))


def megabytes(folder: Path) -> int:
    """How much the files of a folder come to."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) >> 20


def release() -> str:
    """The code name of the machine's Debian."""
    found = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    if not found:
        raise Trouble("this machine is no Debian; --base takes an image")
    return found[1]
