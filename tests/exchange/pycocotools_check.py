"""Reads COCO files with pycocotools and labelme files with Pillow; prints the pixels that differ from the gray PNG of the same stem.

usage: pycocotools_check.py TRUTH_FOLDER COCO_JSON...    prints "FILE IMAGE DIFFERENT_PIXELS" a line
       pycocotools_check.py --areas COCO_JSON            prints the column runs of every annotation
"""
import json
import os
import sys

import numpy as np
from PIL import Image
from pycocotools import mask as masks


def annotation_mask(annotation, image):
    segmentation = annotation["segmentation"]
    h, w = image["height"], image["width"]
    if isinstance(segmentation, list):
        runs = masks.merge(masks.frPyObjects(segmentation, h, w))
    elif isinstance(segmentation["counts"], list):
        runs = masks.frPyObjects(segmentation, h, w)
    else:
        runs = segmentation
    return masks.decode(runs)


if sys.argv[1] == "--areas":
    data = json.load(open(sys.argv[2]))
    images = {image["id"]: image for image in data["images"]}
    for annotation in data["annotations"]:
        mask = annotation_mask(annotation, images[annotation["image_id"]])
        print(masks.encode(np.asfortranarray(mask))["counts"].decode())
else:
    for path in sys.argv[2:]:
        data = json.load(open(path))
        for image in data["images"]:
            label = np.zeros((image["height"], image["width"]), np.uint8)
            for annotation in data["annotations"]:
                if annotation["image_id"] == image["id"]:
                    label[annotation_mask(annotation, image) > 0] = annotation["category_id"]
            stem = os.path.splitext(os.path.basename(image["file_name"]))[0]
            truth = np.array(Image.open(os.path.join(sys.argv[1], stem + ".png")))
            print(path, stem, int((truth != label).sum()))
