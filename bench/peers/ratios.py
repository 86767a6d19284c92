#!/usr/bin/python3
"""Best times of hekla and its peers and their ratios, from the files peer-NAME-THREADS-ROUND.json of run.sh.

    bench/peers/ratios.py FOLDER     prints a Markdown table and writes FOLDER/ratios.json
"""
import json
import pathlib
import sys


def best_times(folder):
    """{step: {peer: {threads: microseconds}}}"""
    best = {}
    for file in sorted(folder.glob("peer-*.json")):
        _, peer, threads, _ = file.stem.split("-")
        for result in json.loads(file.read_text())["benchmarks"]:
            step = result["name"].removeprefix("trainer/").removesuffix("/manual_time")
            times = best.setdefault(step, {}).setdefault(peer, {})
            times[threads] = min(result["best_us"], times.get(threads, float("inf")))
    return best


def fastest(times):
    threads = min(times, key=times.get)
    return times[threads], threads


def main():
    folder = pathlib.Path(sys.argv[1])
    best = best_times(folder)
    peers = sorted({peer for step in best.values() for peer in step} - {"hekla"}, reverse=True)
    head = ["step, us", "hekla", "hekla, best threads"] + [f"{peer}, best threads" for peer in peers]
    head += [f"hekla / {peer}" for peer in peers] + [f"best / {peer}" for peer in peers]
    print("| " + " | ".join(head) + " |")
    print("| --- " * len(head) + "|")
    results = {}
    for step, times in best.items():
        default = times["hekla"]["default"]
        ours, threads = fastest(times["hekla"])
        result = {"times_us": times, "ratio": {}, "ratio_best_threads": {}}
        cells = [step, f"{default:.0f}", f"{ours:.0f} ({threads})"]
        for peer in peers:
            time, threads = fastest(times[peer])
            cells.append(f"{time:.0f} ({threads})")
            result["ratio"][peer] = default / time
            result["ratio_best_threads"][peer] = ours / time
        cells += [f"{ratio:.2f}" for kind in ("ratio", "ratio_best_threads") for ratio in result[kind].values()]
        print("| " + " | ".join(cells) + " |")
        results[step] = result
    (folder / "ratios.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
