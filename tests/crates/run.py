#!/usr/bin/env python3
"""Runs the tests of published crates with their hash maps replaced by gomap's.

Cargo fetches each crate's source from the registry; a copy is made in the target directory, `std::collections` (or
`hashbrown`) and `rustc_hash` in it are replaced by the same paths in `drop_in`, and the crate's own tests are run (but
not the examples in its documentation). Nothing of these crates is kept here.

    tests/crates/run.py [crate...]
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "crates"

# Version, how many tests there are, and arguments for cargo.
CRATES = {
    "bimap": ("0.6.3", 50, []),
    "globset": ("0.4.22", 351, []),
    "hashbag": ("0.1.13", 25, []),
    "hecs": ("0.11.2", 101, []),
    "liquid-core": ("0.26.11", 94, []),
    "lru": ("0.16.4", 51, ["--no-default-features"]),
    "multimap": ("0.10.1", 58, []),
    "pathfinding": ("4.16.0", 237, []),
    "petgraph": ("0.8.3", 346, []),
}

# These use hashbrown's maps, the others the standard library's.
HASHBROWN = {"hecs", "petgraph"}

# Large packages for benchmarks and for errors of the compiler, and the tests that are of these.
UNUSED = {"criterion", "iai-callgrind", "trybuild"}


def cargo(*arguments, directory, **more):
    return subprocess.run(["cargo", *arguments], cwd=directory, check=True, **more)


def sources(names):
    """Where cargo keeps the sources, after it has fetched them."""
    scratch = WORK / "fetch"
    (scratch / "src").mkdir(parents=True, exist_ok=True)
    (scratch / "src/lib.rs").write_text("")
    wanted = "".join(f'{name} = "={CRATES[name][0]}"\n' for name in names)
    (scratch / "Cargo.toml").write_text(
        '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\n' + wanted
    )
    output = cargo("metadata", "--format-version", "1", directory=scratch, stdout=subprocess.PIPE).stdout
    packages = json.loads(output)["packages"]
    return {package["name"]: pathlib.Path(package["manifest_path"]).parent for package in packages}


def without_unused(copy):
    """The manifest of a copy, without benchmarks and what only they need."""
    for path in copy.glob("tests/**/*.rs"):
        if "trybuild" in path.read_text():
            path.unlink()
    sections = re.split(r"^(?=\[)", (copy / "Cargo.toml").read_text(), flags=re.M)

    def used(section):
        name = re.match(r"\[dev-dependencies\.([\w-]+)\]", section)
        path = re.search(r'^path = "(.*)"', section, re.M)
        lost = section.startswith("[[test]]") and path and not (copy / path[1]).exists()
        return not (lost or section.startswith("[[bench]]") or name and name[1] in UNUSED)

    return "".join(filter(used, sections))


def switch(name, source):
    """A copy of a crate that uses gomap's maps."""
    copy = WORK / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy)
    # Registry sources may be read only.
    for path in copy.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
    switched = 0
    for path in [*copy.glob("src/**/*.rs"), *copy.glob("tests/**/*.rs")]:
        text = path.read_text()
        maps = "hashbrown" if name in HASHBROWN else "std::collections"
        text, n = re.subn(rf"\b{maps}(?=::)", "drop_in::collections", text)
        text, k = re.subn(r"\brustc_hash(?=::)", "drop_in::rustc_hash", text)
        text = text.replace("std::hash::RandomState", "drop_in::collections::hash_map::RandomState")
        text, m = re.subn(
            r"\bstd::\{\n?(\s*)collections::(\{[^}]*\}|[\w:]+),?", r"drop_in::collections::\2;\nuse std::{\1", text
        )
        path.write_text(text)
        switched += n + k + m
    manifest = copy / "Cargo.toml"
    text = without_unused(copy)
    if not re.search(r'^edition = "20(18|21|24)"', text, re.M):
        root = copy / "src/lib.rs"
        root.write_text(root.read_text() + "\nextern crate drop_in;\n")
    dependency = f'[dependencies.drop_in]\npath = "{HERE / "drop_in"}"\n'
    manifest.write_text(text + "\n" + dependency + ("" if "[workspace]" in text else "\n[workspace]\n"))
    if not switched:
        sys.exit(f"{name}: nothing to switch")
    return copy


def passed(name, copy):
    """How many of the crate's tests pass; what they print is printed."""
    environment = {
        **os.environ,
        "CARGO_INCREMENTAL": "0",
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_TARGET_DIR": str(WORK / "target"),
        "RUSTFLAGS": "-Awarnings",
    }
    arguments = ["cargo", "test", "-q", "--no-fail-fast", "--lib", "--tests", *CRATES[name][2]]
    result = subprocess.run(arguments, cwd=copy, env=environment, stdout=subprocess.PIPE, text=True)
    print(result.stdout, end="", flush=True)
    return sum(map(int, re.findall(r"^test result: .* (\d+) passed;", result.stdout, re.M)))


def main():
    names = sys.argv[1:] or list(CRATES)
    where = sources(names)
    failed = []
    for name in names:
        version, tests, _ = CRATES[name]
        print(f"== {name} {version}", flush=True)
        found = passed(name, switch(name, where[name]))
        if found != tests:
            failed.append(f"{name}: {found} of {tests} tests passed")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
