"""The same map measured by cc3d, OpenCV and scikit-image: one line "what<tab>regions<tab>CPU ms" each, median of up to 5 calls.

usage: components_peers.py map.u8 width height [full]

One thread each. `full` adds the properties of scikit-image that need a hull, which takes milliseconds for every region.
"""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
import statistics
import sys
import time

import numpy as np

path, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
is_full = "full" in sys.argv[4:]
classes = np.fromfile(path, np.uint8).reshape(height, width)


def told(what, call, budget=25.0):
    times, start = [], time.process_time()
    while len(times) < 6 and (not times or time.process_time() - start < budget):
        t = time.process_time()
        regions = call()
        times.append(time.process_time() - t)
    # The first call warms up, unless there was time for one alone.
    print(f"{what}\t{regions}\t{statistics.median(times[1:] or times) * 1e3:.3f}", flush=True)


try:
    import cc3d

    def components_and_statistics():
        labels, n = cc3d.connected_components(classes, connectivity=8, return_N=True)
        cc3d.statistics(labels)
        return n

    told("cc3d.connected_components + statistics", components_and_statistics)
except ImportError:
    print("cc3d is absent", file=sys.stderr)

try:
    import cv2

    cv2.setNumThreads(1)

    def per_class():
        n = 0
        for value in range(1, 8):
            mask = cv2.compare(classes, value, cv2.CMP_EQ)
            n += cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)[0] - 1
        return n

    one = int(classes.max()) <= 1
    told("OpenCV connectedComponentsWithStats, " + ("one class" if one else "7 classes"),
         (lambda: cv2.connectedComponentsWithStats(classes, connectivity=8, ltype=cv2.CV_32S)[0] - 1) if one else per_class)
except ImportError:
    print("OpenCV is absent", file=sys.stderr)

try:
    from skimage import measure

    basic = ("label", "area", "bbox", "centroid")
    full = basic + ("feret_diameter_max", "axis_major_length", "axis_minor_length", "orientation", "solidity", "perimeter_crofton",
                    "euler_number", "area_filled")

    def properties(names):
        labels = measure.label(classes, connectivity=2, background=0)
        return len(measure.regionprops_table(labels, properties=names)["label"])

    if is_full:
        told("scikit-image label + regionprops, full", lambda: properties(full))
    elif int(classes.size) <= 13_000_000:
        told("scikit-image label + regionprops, area, box and centroid alone", lambda: properties(basic))
except ImportError:
    print("scikit-image is absent", file=sys.stderr)
