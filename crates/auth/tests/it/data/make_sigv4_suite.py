"""Writes sigv4_suite.json from AWS's published signing test suite (Apache-2.0), which the crate aws-sigv4 carries:

    python3 make_sigv4_suite.py ~/.cargo/registry/src/*/aws-sigv4-1.*/aws-signing-test-suite/v4 > sigv4_suite.json

Left out: paths that are not to be normalised (S3's way), header values folded over lines (no HTTP server passes those on), and, in the query form, the
session token that is added to the query after signing.
"""

import json
import pathlib
import sys


def request(text):
    head, _, body = text.partition("\n\n")
    line, *headers = head.split("\n")
    method, rest = line.split(" ", 1)
    target = rest.rsplit(" ", 1)[0]
    path, _, query = target.partition("?")
    pairs = [header.split(":", 1) for header in headers if header]
    return {"method": method, "path": path, "query": query, "headers": pairs, "body": body}


def main():
    cases = []
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        if not (folder / "context.json").exists():
            continue  # two cases in an older form
        context = json.loads((folder / "context.json").read_text())
        if not context["normalize"] or folder.name == "get-header-value-multiline":
            continue
        read = lambda name: (folder / name).read_text()
        for form in ("header", "query"):
            if (form, folder.name) == ("query", "post-sts-header-after") or not (folder / f"{form}-signed-request.txt").exists():
                continue
            cases.append(
                {
                    "name": f"{folder.name} {form}",
                    "secret": context["credentials"]["secret_access_key"],
                    "request": request(read(f"{form}-signed-request.txt")),
                    "signature": read(f"{form}-signature.txt").strip(),
                }
            )
    print(json.dumps(cases, indent=1, ensure_ascii=False))


main()
