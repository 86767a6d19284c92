#!/usr/bin/python3
"""The tables of docs/performance.md from the JSON files of run_all.sh.

    bench/tables.py FOLDER TOPIC...
"""
import json
import pathlib
import sys

# The counters that a row shows, where the benchmark has them: heading, counter, format.
COLUMNS = [
    ("best", "best_us", lambda us: f"{us / 1e3:.3g} ms" if us >= 1000 else f"{us:.3g} us"),
    ("GFLOP/s", "GFLOPs", "{:.1f}".format),
    ("limit, GFLOP/s", "limit_GFLOPs", "{:.1f}".format),
    ("GB/s", "GBs", "{:.2f}".format),
    ("limit, GB/s", "limit_GBs", "{:.1f}".format),
    ("share of the limit", "share", "{:.3f}".format),
    ("ratio", "ratio", "{:.3f}".format),
    ("ns per node", "ns_per_node", "{:.0f}".format),
    ("kernels", "kernels", "{:.0f}".format),
]

# The performance targets: text, benchmark, counter, relation, mark.
MARKS = [
    *((f"matmul {n}^3, share of the peak", f"matmul/{n}", "share", ">=", 0.65) for n in (512, 1024)),
    *((f"{product}, batch {batch}, share of the peak", f"matmul/{product}/{batch}", "share", ">=", 0.45)
      for batch in (32, 256) for product in ("x*W", "xT*dh", "dh*WT")),
    ("a x + y over 16M, share of a plain thread", "map/a*x+y/16M", "share", ">=", 0.8),
    ("sum of 16M, share of a plain thread", "reduce/sum/16M", "share", ">=", 0.6),
    *((f"kernels, {kind}/{step}", f"{kind}/{step}", "kernels", "<=", most)
      for kind in ("given", "trainer")
      for step, most in (("softmax/sgd/32", 4), ("mlp/sgd/32", 8), ("mlp/adam/32", 8))),
    *((f"dynamic loop / compiled, {step}", f"dynamic/{step}", "ratio", "<=", 1.1)
      for step in ("softmax/sgd/32", "mlp/sgd/32", "mlp/adam/32")),
    *((f"an epoch of fit / bare steps, {kind}", f"fit/{kind}", "ratio", "<=", 1.05)
      for kind in ("softmax/sgd", "mlp/adam")),
    ("start without caches, us", "start/cold", "best_us", "<=", 2_000_000),
    ("start with caches, us", "start/warm", "best_us", "<=", 300_000),
]
PEER_MARKS = [("softmax/sgd/32", 1.0), ("mlp/sgd/32", 1.0), ("mlp/adam/32", 0.7), ("cnn/adam/32", 1.5)]


def print_table(head, rows):
    print("| " + " | ".join(head) + " |\n" + "| --- " * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_topic(topic, results):
    columns = [column for column in COLUMNS if any(column[1] in result for result in results)]
    print(f"### {topic}\n")
    print_table([topic] + [heading for heading, _, _ in columns],
                [[name_of(result)] + [show(result[key]) if key in result else "" for _, key, show in columns]
                 for result in results])


def name_of(result):
    return result["name"].removesuffix("/manual_time")


def print_marks(results, peers):
    def row(text, number, relation, mark):
        met = number <= mark if relation == "<=" else number >= mark
        shown, bound = (f"{n:.2f}" if n < 10 and n % 1 else f"{n:.0f}" for n in (number, mark))
        return [text, shown, f"{relation} {bound}", "yes" if met else "**no**"]

    by_name = {name_of(result): result for result in results}
    rows = [row(text, by_name[name][counter], relation, mark)
            for text, name, counter, relation, mark in MARKS if name in by_name]
    for step, mark in PEER_MARKS:
        for text, kind in (("", "ratio"), (", best threads", "ratio_best_threads")):
            ratio = peers.get(step, {}).get(kind, {}).get("PyTorch")
            if ratio is not None:
                rows.append(row(f"{step} / PyTorch{text}", ratio, "<=", mark))
    print("### Marks\n")
    print_table(["what", "measured", "mark", "met"], rows)


def main():
    folder = pathlib.Path(sys.argv[1])
    everything = []
    for topic in sys.argv[2:]:
        results = json.loads((folder / f"bench-{topic}.json").read_text())["benchmarks"]
        print_topic(topic, results)
        everything += results
    ratios = folder / "ratios.json"
    if ratios.exists():
        print("### peers\n\n" + (folder / "peers.md").read_text())
    print_marks(everything, json.loads(ratios.read_text()) if ratios.exists() else {})


if __name__ == "__main__":
    main()
