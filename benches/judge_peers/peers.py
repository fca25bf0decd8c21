"""Judges and sweeps a table with numpy, polars and DuckDB, one thread each; CPU time. Called by the bench `judge`."""
import os
import sys
import time

import duckdb
import numpy as np
import polars as pl

folder = sys.argv[1]
read = lambda name, kind: np.fromfile(os.path.join(folder, name), kind)
part, cls, zone = read("part", np.uint32), read("class", np.uint8), read("zone", np.uint8)
area, length, width = (read(name, np.float32) for name in ("area", "length", "width"))
T = read("limits", np.float32).reshape(28, 3, 2)  # cell, feature, accept and reject
places = read("places", np.float32)
key = ((cls - 1) * 4 + zone - 1).astype(np.uint32)
starts = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
parts = int(part[-1]) + 1
assert len(starts) == parts, "every part has a region"
MOVED = 2 * 4 + 1  # class 3, zone 2


def at(place):
    """The limits with the swept one moved; accept is pushed along."""
    t = T.copy()
    t[MOVED, 1, 1] = place
    t[MOVED, 1, 0] = min(t[MOVED, 1, 0], place)
    return t


def told(peer, what, ms, place, counts):
    print(peer, what, f"{ms:.2f}", place, *counts, flush=True)


def timed(f, reps):
    f()
    start = time.process_time()
    for _ in range(reps):
        out = f()
    return (time.process_time() - start) * 1e3 / reps, out


counts = lambda severity: [int(n) for n in np.bincount(severity, minlength=3)]
few = list(range(0, len(places), max(1, len(places) // 3)))[:3]


def everything(peer, judge, reps=3):
    ms, out = timed(lambda: judge(T), reps)
    told(peer, "full", ms, -1, out)
    start = time.process_time()
    outs = [judge(at(places[i])) for i in few]
    ms = (time.process_time() - start) * 1e3 / len(few) * len(places)
    for i, out in zip(few, outs):
        told(f"{peer}_brute_force_scaled_from_{len(few)}", "sweep", ms, i, out)


# ---------------------------------------------------------------- numpy
order = np.argsort(key, kind="stable")
ends = np.searchsorted(key[order], np.arange(29))
columns = [c[order] for c in (area, length, width)]
part_of = part[order]


def numpy_rows(t, cell, features=(0, 1, 2)):
    s, e = ends[cell], ends[cell + 1]
    ng, review = np.zeros(e - s, bool), np.zeros(e - s, bool)
    for f in features:
        v = columns[f][s:e]
        ng |= v >= t[cell, f, 1]
        review |= v >= t[cell, f, 0]
    return part_of[s:e], ng, review


def numpy_partitioned(t):
    out = np.zeros(parts, np.uint8)
    for cell in range(28):
        p, ng, review = numpy_rows(t, cell)
        out[p[review]] = np.maximum(out[p[review]], 1)
        out[p[ng]] = 2
    return counts(out)


def numpy_gather(t):
    ng, review = np.zeros(len(key), bool), np.zeros(len(key), bool)
    for f, v in enumerate((area, length, width)):
        ng |= v >= t[:, f, 1][key]
        review |= v >= t[:, f, 0][key]
    return counts(np.maximum.reduceat(np.maximum(ng.view(np.uint8) << 1, review.view(np.uint8)), starts))


def numpy_sweep():
    """One pass: what the other limits say, and per part the highest swept value; then counting by sorting."""
    out = np.zeros(parts, np.uint8)
    for cell in range(28):
        p, ng, review = numpy_rows(T, cell, (0, 2) if cell == MOVED else (0, 1, 2))
        out[p[review]] = np.maximum(out[p[review]], 1)
        out[p[ng]] = 2
    highest = np.full(parts, -np.inf, np.float32)
    s, e = ends[MOVED], ends[MOVED + 1]
    np.maximum.at(highest, part_of[s:e], columns[1][s:e])
    clear, open_ = np.sort(highest[out == 0]), np.sort(highest[out == 1])
    result, always = [], int((out == 2).sum())
    for place in places:
        t = at(place)[MOVED, 1]
        ng = len(clear) - np.searchsorted(clear, t[1]), len(open_) - np.searchsorted(open_, t[1])
        ok = int(np.searchsorted(clear, t[0]))
        total_ng = int(always + ng[0] + ng[1])
        result.append([ok, parts - ok - total_ng, total_ng])
    return result


everything("numpy_partitioned", numpy_partitioned)
everything("numpy_gather", numpy_gather, 1)
ms, out = timed(numpy_sweep, 2)
for i in few:
    told("numpy_one_pass", "sweep", ms, i, out[i])

# ---------------------------------------------------------------- polars
frame = pl.DataFrame(dict(part=part, key=key, area=area, length=length, width=width)).with_columns(pl.col("part").set_sorted())
NAMES = [(name, f, s) for f, name in enumerate(("area", "length", "width")) for s in (0, 1)]


def limits_frame(t):
    return {"key": np.arange(28, dtype=np.uint32), **{f"{n}{s}": np.ascontiguousarray(t[:, f, s]) for n, f, s in NAMES}}


def any_over(s):
    over = [pl.col(n) >= pl.col(f"{n}{s}") for n in ("area", "length", "width")]
    return over[0] | over[1] | over[2]


def polars(t):
    severity = pl.when(any_over(1)).then(pl.lit(2, pl.UInt8)).when(any_over(0)).then(pl.lit(1, pl.UInt8)).otherwise(pl.lit(0, pl.UInt8))
    joined = frame.lazy().join(pl.DataFrame(limits_frame(t)).lazy(), on="key", how="left", maintain_order="left")
    query = joined.select("part", severity=severity).group_by("part").agg(pl.col("severity").max())
    found = dict(query.group_by("severity").agg(pl.len()).collect().iter_rows())
    return [found.get(i, 0) for i in range(3)]


everything("polars", polars)

# ---------------------------------------------------------------- DuckDB
base = duckdb.connect()
base.execute("SET threads=1")
base.execute("CREATE TABLE r AS SELECT * FROM frame")
over = lambda s: " OR ".join(f"{n} >= {n}{s}" for n in ("area", "length", "width"))
QUERY = f"""SELECT severity, count(*) FROM (
    SELECT part, max(CASE WHEN {over(1)} THEN 2 WHEN {over(0)} THEN 1 ELSE 0 END) AS severity
    FROM r JOIN t USING (key) GROUP BY part) GROUP BY severity"""


def duck(t):
    limits = pl.DataFrame(limits_frame(t))
    base.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM limits")
    found = dict(base.execute(QUERY).fetchall())
    return [int(found.get(i, 0)) for i in range(3)]


everything("duckdb", duck)
