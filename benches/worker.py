"""The worker: a program that measures one face in one process."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def build_worker():
    """Builds the worker of the faces in Rust; its path."""
    command = ["cargo", "build", "--release", "--message-format=json-render-diagnostics"]
    out = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = map(json.loads, out.splitlines())
    return next(m["executable"] for m in messages if m.get("executable"))
