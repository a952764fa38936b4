// A tree of odd names, made by the Python side's helper so that all clients send the same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const e2e = dirname(dirname(fileURLToPath(import.meta.url)));

export function folder() {
  return mkdtempSync(join(tmpdir(), "tidegate-js-"));
}

export function makeTree(into) {
  execFileSync("/usr/bin/python3", ["-c",
    "import odd_tree, pathlib, sys; odd_tree.make(pathlib.Path(sys.argv[1]))", into], { cwd: e2e });
  return into;
}

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

// Relative name -> SHA-256 of what is there.
export function digests(root) {
  return Object.fromEntries(readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => [relative(root, path), sha256(readFileSync(path))]).sort());
}
