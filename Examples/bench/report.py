"""What was measured, as rows, as a table and as lines of JSON; chart.py draws it."""

import json

from cases import Case

#: What a line of JSON tells.
FIELDS = ["case", "threads", "ours_ms", "peers", "best_peer", "ratio", "share_of_limit", "limited_by",
          "max_error", "compile_ms", "first_run_ms", "setup_ms", "speedup"]  # fmt: skip


def rows(cases: list[Case], lines: list[dict], threads: int) -> list[dict]:
    """A row for each case that ran with so many threads."""
    made = []
    for case in cases:
        mine = [line for line in lines if line["case"] == case.id]
        own = next((line for line in mine if line["peer"] == "ours"), {})
        if "ours_ms" not in own:
            if own:
                made.append({"case": case.id, "threads": threads, "failed": own["failed"]})
            continue
        peers = {line["peer"]: line for line in mine if "peer_ms" in line}
        best = min(peers.values(), key=lambda line: line["peer_ms"], default=None)
        fastest = min(line["ours_ms"] for line in mine if "ours_ms" in line)
        made.append({
            "case": case.id, "group": case.group, "threads": threads, "ours_ms": fastest, "forms": own["forms"],
            "compile_ms": own["compile_ms"], "first_run_ms": own["first_run_ms"],
            "setup_ms": own["setup_ms"], "speedup": own["speedup"],
            "peers": {name: line["peer_ms"] for name, line in peers.items()},
            "best_peer": best["peer"] if best else None, "ratio": best["ratio"] if best else None,
            "interval": best["interval"] if best else None,
            "share_of_limit": own["limit_ms"] / fastest, "limited_by": own["limited_by"], "max_error": own["max_error"],
        })  # fmt: skip
    return made


def lines(rows: list[dict]) -> str:
    """A line of JSON for each row that has a time."""
    shown = [{name: row[name] for name in FIELDS} for row in rows if "failed" not in row]
    return "".join(json.dumps(row) + "\n" for row in shown)


def show(rows: list[dict]) -> None:
    """Prints the table: our time with dimensions fixed, free, and by tiles, beside the best peer's; what share
    of the machine's limit that is, for products (p) of the case's type, memory (m) that holds as many bytes, or
    exponentials (e); then the time to a first result from the text, how much of it is above a steady run, and
    how much goes to compiling; last how many times faster our several threads are than our one.

    A ratio that some rounds see on the other side of 1 comes with its interval."""
    print(f"{'case':28} T {'ours ms':>9} {'free':>9} {'tiles':>9} {'best peer':>14} {'ms':>9} {'ratio':>6} "
          f"{'limit':>7} {'error':>8} {'first ms':>8} {'set-up':>7} {'compile':>7} {'speedup':>7}")  # fmt: skip
    for row in rows:
        start = f"{row['case']:28} {row['threads']}"
        if "failed" in row:
            print(f"{start} {row['failed']}")
            continue
        peer, ratio, interval = row["best_peer"], "", ""
        if peer:
            low, high = row["interval"]
            ratio, interval = f"{row['ratio']:.2f}", f" {low:.2f}–{high:.2f}" if low < 1 < high else ""
        theirs = f"{row['peers'][peer]:9.4g}" if peer else 9 * " "
        free, tiles = (f"{row['forms'][form]:9.4g}" if form in row["forms"] else 9 * " " for form in ("free", "tiles"))
        compile_ms, setup_ms = row["compile_ms"], row["setup_ms"]
        first = (f"{compile_ms + row['first_run_ms']:8.3g} {setup_ms:7.3g} {compile_ms:7.3g}" if compile_ms
                 else 24 * " ")
        speedup = f" {row['speedup']:7.2f}" if row["speedup"] else 8 * " "
        print(f"{start} {row['ours_ms']:9.4g} {free} {tiles} {peer or '':>14} {theirs} "
              f"{ratio:>6} {row['share_of_limit']:6.0%}{row['limited_by'][0]} {row['max_error']:8.1e} "
              f"{first}{speedup}{interval}")  # fmt: skip
