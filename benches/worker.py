"""The worker: a program that measures one face in one process."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def build_worker():
    """Builds the worker of the faces in Rust; its path."""
    command = ["cargo", "build", "--release", "--message-format=json-render-diagnostics"]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    messages = map(json.loads, done.stdout.splitlines())
    return next(m["executable"] for m in messages if m.get("executable"))
