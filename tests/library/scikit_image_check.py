"""Features of every region of a class map as scikit-image, scipy, numpy and OpenCV give them, one JSON line per region.

usage: scikit_image_check.py labels.u8 probabilities.u8 width height

Regions come in the order of their first pixels, as `skimage.measure.label` numbers them.
"""
import json
import sys

import cv2
import numpy as np
from scipy.ndimage import binary_fill_holes
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist
from skimage import measure

labels, probabilities, width, height = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
classes = np.fromfile(labels, np.uint8).reshape(height, width)
probability = np.fromfile(probabilities, np.uint8).reshape(height, width) / 255.0
for r in measure.regionprops(measure.label(classes, connectivity=2, background=0), intensity_image=probability):
    # The corners of the pixels: the convention under which hulls, Feret diameters and smallest rectangles are compared.
    y, x = r.coords[:, 0], r.coords[:, 1]
    corners = np.unique(np.concatenate([np.stack([x + a, y + b], 1) for a in (0, 1) for b in (0, 1)]), axis=0).astype(float)
    hull = ConvexHull(corners)
    points = corners[hull.vertices]
    rect = cv2.minAreaRect(points.astype(np.float32))[1]
    # The square of each pixel adds 1/12 px² to the spread of the centres.
    small, large = sorted(np.maximum(np.linalg.eigvalsh(np.cov(np.stack([x, y]).astype(float), bias=True)), 0) if r.area > 1 else [0, 0])
    eigenvalues = sorted(np.maximum(r.inertia_tensor_eigvals, 0))
    assert np.allclose([small, large], eigenvalues, atol=1e-6), "scikit-image agrees with numpy"
    values = probability[y, x]
    print(json.dumps({
        "area": int(r.area),
        "bounds": [int(r.bbox[1]), int(r.bbox[0]), int(r.bbox[3]), int(r.bbox[2])],
        "centroid": [r.centroid[1] + 0.5, r.centroid[0] + 0.5],
        "holes": 1 - int(r.euler_number),
        # scikit-image's area_filled lets the background out between pixels that touch at a corner; scipy does not.
        "hole_area": int(binary_fill_holes(r.image).sum() - r.area),
        "linearity": 1 - ((eigenvalues[0] + 1 / 12) / (eigenvalues[1] + 1 / 12)) ** 0.5,
        "crofton_4": float(measure.perimeter_crofton(np.pad(r.image, 2), directions=4)),
        "hull": float(hull.volume),
        "feret_max": float(pdist(points).max()),
        "rect": [float(max(rect)), float(min(rect))],
        "mean": float(values.mean()),
        "max": float(values.max()),
        "percentiles": [float(v) for v in np.percentile(values, [5, 95])],
    }))
