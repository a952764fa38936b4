"""A folder of files whose names and sizes trip up clients and servers, to be sent there and back."""

import hashlib
import os
import random

NAMES = ["plain.txt", "with space.txt", "plus+plus.txt", "per%20cent", "ünïcødé/日本語 ファイル.txt", "emoji-😀.bin",
         "amp&equals=.txt", "paren(1)'s!.txt", "semi;colon:comma,.txt", "hash#and@at.txt", "tilde~under_.txt",
         "deep/a/b/c/d/e/f/g/h/i.txt", "dots..in...name", "brackets[1].txt", "dollar$.txt", "empty", "deep/empty too"]


def make(folder, big=20 << 20):
    """Writes the tree; the same bytes each time, one file of `big` bytes among them."""
    chance = random.Random(7)
    for number, name in enumerate(NAMES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if "empty" in name else chance.randbytes(1 + number * 4500))
    (folder / "big.bin").write_bytes(chance.randbytes(big))
    return folder


def digests(folder):
    """What is there: relative name -> SHA-256."""
    found = {}
    for root, _, files in os.walk(folder):
        for file in files:
            path = os.path.join(root, file)
            with open(path, "rb") as content:
                found[os.path.relpath(path, folder)] = hashlib.sha256(content.read()).hexdigest()
    return found
