#!/usr/bin/env python3
"""Trains the sample model on rendered parts, writes it to ONNX by hand, and measures it on unseen parts.

    train.py train DATA            DATA/1000 and DATA/2000 -> DATA/weights.npz
    train.py train DATA --resume   a second round from there
    train.py calibrate DATA        moves the last bias for the best IoU on DATA/2000
    train.py export DATA OUT.onnx  weights -> ONNX, compared with the trained network
    train.py evaluate DATA OUT.onnx --set 3000

See README.md beside this file for how DATA is rendered.
"""

import argparse
import csv
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from PIL import Image
from scipy import ndimage

CLASSES = ["background", "scratch", "pit", "crack", "stain"]
BASE = 12
CROP = 160
BATCH = 6
SEED = 20240
EPSILON = 1e-3
# How often a crop is centred on a defect of each class, scratch to stain. The second round is for the thin lines.
FIRST_ROUND = [0.25, 0.25, 0.25, 0.25]
SECOND_ROUND = [0.45, 0.12, 0.27, 0.16]

# Every convolution of the network in order: name, kernel, input channels, output channels. One list for training and export.
LAYERS = [
    ("e1a", 3, 1, BASE), ("e1b", 3, BASE, BASE),
    ("e2a", 3, BASE, 2 * BASE), ("e2b", 3, 2 * BASE, 2 * BASE),
    ("e3a", 3, 2 * BASE, 3 * BASE), ("e3b", 3, 3 * BASE, 3 * BASE),
    ("m_a", 3, 3 * BASE, 4 * BASE), ("m_b", 3, 4 * BASE, 4 * BASE),
    ("d3", 3, 7 * BASE, 3 * BASE), ("d2", 3, 5 * BASE, 2 * BASE), ("d1", 3, 3 * BASE, BASE),
    ("out", 1, BASE, len(CLASSES)),
]


def load(folder):
    folder = pathlib.Path(folder)
    names = sorted(p.name for p in (folder / "images").iterdir())
    images = np.stack([np.asarray(Image.open(folder / "images" / n)) for n in names])
    labels = np.stack([np.asarray(Image.open(folder / "labels" / n)) for n in names])
    return images, labels


def build():
    """A small U-Net with three halvings; gray/255 in, probabilities out. Every convolution but the last is batch-normalised; the
    export folds that into its weights."""
    import keras
    from keras import layers

    def conv(name):
        _, kernel, _, filters = next(l for l in LAYERS if l[0] == name)
        if name == "out":
            return layers.Conv2D(filters, kernel, padding="same", activation="softmax", name=name)
        plain = layers.Conv2D(filters, kernel, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)
        normal = layers.BatchNormalization(momentum=0.97, epsilon=EPSILON, name=f"{name}_norm")
        return lambda x: layers.ReLU()(normal(plain(x)))

    x = inputs = keras.Input((None, None, 1))
    e1 = conv("e1b")(conv("e1a")(x))
    e2 = conv("e2b")(conv("e2a")(layers.MaxPooling2D()(e1)))
    e3 = conv("e3b")(conv("e3a")(layers.MaxPooling2D()(e2)))
    x = conv("m_b")(conv("m_a")(layers.MaxPooling2D()(e3)))
    for name, skip in [("d3", e3), ("d2", e2), ("d1", e1)]:
        x = conv(name)(layers.Concatenate()([layers.UpSampling2D(interpolation="nearest")(x), skip]))
    return keras.Model(inputs, conv("out")(x))


def crops(images, labels, rng, shares):
    """Batches without end. Two of three crops hold a defect. The lamp stands still, so nothing is mirrored or turned."""
    n, h, w = labels.shape
    spots = [np.argwhere(l > 0) for l in labels]
    by_class = [[i for i in range(n) if (labels[i] == c).any()] for c in range(1, len(CLASSES))]
    while True:
        xs, ys = [], []
        for _ in range(BATCH):
            if rng.random() < 0.67:
                c = int(rng.choice(len(by_class), p=shares))
                i = int(rng.choice(by_class[c]))
                own = spots[i][labels[i][spots[i][:, 0], spots[i][:, 1]] == c + 1]
                cy, cx = own[rng.integers(len(own))] - CROP // 2 + rng.integers(-CROP // 3, CROP // 3 + 1, 2)
            else:
                i = int(rng.integers(n))
                cy, cx = rng.integers(0, h - CROP + 1), rng.integers(0, w - CROP + 1)
            y, x = int(np.clip(cy, 0, h - CROP)), int(np.clip(cx, 0, w - CROP))
            image = images[i, y:y + CROP, x:x + CROP].astype(np.float32) / 255.0
            xs.append(np.clip(image * rng.uniform(0.94, 1.06), 0, 1)[..., None])
            ys.append(labels[i, y:y + CROP, x:x + CROP])
        yield np.stack(xs), np.stack(ys).astype(np.int32)


def train(args):
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    seed = SEED + args.resume
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    images, labels = load(args.data / "1000")
    model = build()
    print(f"{model.count_params()} parameters, {len(images)} parts", flush=True)

    weights = tf.constant([1.0, 3.0, 3.0, 4.0, 2.0])

    def loss(y, p):
        """Weighted cross entropy plus soft Dice over the classes present in the batch."""
        hot = tf.one_hot(tf.cast(y, tf.int32), len(CLASSES))
        p = tf.clip_by_value(p, 1e-6, 1.0)
        entropy = -tf.reduce_mean(tf.reduce_sum(hot * tf.math.log(p) * weights, -1))
        both = tf.reduce_sum(hot * p, [0, 1, 2])
        total = tf.reduce_sum(hot, [0, 1, 2]) + tf.reduce_sum(p, [0, 1, 2])
        present = tf.cast(tf.reduce_sum(hot, [0, 1, 2]) > 0, tf.float32)
        dice = 1.0 - (2.0 * both + 1.0) / (total + 1.0)
        return 2.0 * entropy + 0.5 * tf.reduce_sum(dice * present) / tf.reduce_sum(present)

    if args.resume:
        restore(model, args.data / "weights.npz")
    schedule = keras.optimizers.schedules.CosineDecay(args.rate, args.steps, alpha=0.01)
    optimizer = keras.optimizers.Adam(schedule)

    @tf.function(reduce_retracing=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(value, model.trainable_variables), model.trainable_variables))
        return value

    check_images, check_labels = load(args.data / "2000")
    start, mean = time.time(), None
    for i, (x, y) in enumerate(crops(images, labels, rng, SECOND_ROUND if args.resume else FIRST_ROUND)):
        value = float(step(tf.constant(x), tf.constant(y)))
        mean = value if mean is None else 0.98 * mean + 0.02 * value
        if (i + 1) % 100 == 0:
            print(f"step {i + 1}  loss {mean:.4f}  {time.time() - start:.0f} s", flush=True)
        if (i + 1) % 250 == 0 or i + 1 == args.steps or time.time() - start > 60 * args.minutes:
            save(model, args.data / "weights.npz")
            predicted = probabilities(model, check_images).argmax(-1)
            print("  IoU", {c: round(v, 3) for c, v in iou(predicted, check_labels).items()}, flush=True)
        if i + 1 == args.steps or time.time() - start > 60 * args.minutes:
            break


def probabilities(model, images):
    return np.stack([model(p[None, ..., None].astype(np.float32) / 255.0, training=False)[0].numpy() for p in images])


def calibrate(args):
    """The crops of the training hold far more defects than parts do, so the network sees too many. Finds what to take from the
    score of each class for the best IoU on the checking set, and moves the last bias by it."""
    model = build()
    restore(model, args.data / "weights.npz")
    images, labels = load(args.data / "2000")
    scores = np.log(np.maximum(probabilities(model, images), 1e-9)).reshape(-1, len(CLASSES))
    truth, shift = labels.reshape(-1), np.zeros(len(CLASSES), np.float32)

    def quality(shift):
        return sum(iou((scores + shift).argmax(-1), truth).values())

    best = quality(shift)
    for step in (1.0, 0.5, 0.25):
        for c in list(range(1, len(CLASSES))) * 2:
            for sign in (-1, 1):
                while True:
                    trial = shift.copy()
                    trial[c] += sign * step
                    value = quality(trial)
                    if value <= best + 1e-4:
                        break
                    best, shift = value, trial
    print("moved", dict(zip(CLASSES, shift.tolist())), "mean IoU", round(best / (len(CLASSES) - 1), 3))
    stored = dict(np.load(args.data / "weights.npz"))
    stored["out/1"] = stored["out/1"] + shift
    np.savez(args.data / "weights.npz", **stored)


def save(model, path):
    np.savez(path, **{f"{l.name}/{i}": v for l in model.layers for i, v in enumerate(l.get_weights())})


def restore(model, path):
    stored = np.load(path)
    for layer in model.layers:
        if layer.get_weights():
            layer.set_weights([stored[f"{layer.name}/{i}"] for i in range(len(layer.get_weights()))])


def folded(stored, name):
    """Kernel and bias of a layer with its batch normalisation folded in."""
    kernel = stored[f"{name}/0"]
    if name == "out":
        return kernel, stored["out/1"]
    gamma, beta, mean, variance = (stored[f"{name}_norm/{i}"] for i in range(4))
    scale = gamma / np.sqrt(variance + EPSILON)
    return kernel * scale, beta - mean * scale


def export(args):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    stored = np.load(args.data / "weights.npz")
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def conv(name, x):
        # Keras stores height, width, in, out; ONNX wants out, in, height, width. Nothing is left to defaults: some engines need it.
        kernel, bias = folded(stored, name)
        kernel = kernel.transpose(3, 2, 0, 1).astype(np.float32)
        side = kernel.shape[2]
        pad = side // 2
        inputs = [x, constant(f"{name}.weight", kernel), constant(f"{name}.bias", bias.astype(np.float32))]
        nodes.append(helper.make_node("Conv", inputs, [f"{name}.conv"], name=name, kernel_shape=[side, side], strides=[1, 1],
                                      pads=[pad] * 4, dilations=[1, 1], group=1))
        if name == "out":
            nodes.append(helper.make_node("Softmax", [f"{name}.conv"], ["probabilities"], name="softmax", axis=1))
            return "probabilities"
        nodes.append(helper.make_node("Relu", [f"{name}.conv"], [f"{name}.relu"], name=f"{name}_relu"))
        return f"{name}.relu"

    def pool(name, x):
        nodes.append(helper.make_node("MaxPool", [x], [name], name=name, kernel_shape=[2, 2], strides=[2, 2], pads=[0] * 4,
                                      dilations=[1, 1], ceil_mode=0))
        return name

    scales = constant("scales", np.array([1, 1, 2, 2], np.float32))

    def up(name, x, skip):
        nodes.append(helper.make_node("Resize", [x, "", scales], [f"{name}.up"], name=f"{name}_up", mode="nearest",
                                      coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
        nodes.append(helper.make_node("Concat", [f"{name}.up", skip], [f"{name}.in"], name=f"{name}_in", axis=1))
        return f"{name}.in"

    e1 = conv("e1b", conv("e1a", "image"))
    e2 = conv("e2b", conv("e2a", pool("p1", e1)))
    e3 = conv("e3b", conv("e3a", pool("p2", e2)))
    x = conv("m_b", conv("m_a", pool("p3", e3)))
    for name, skip in [("d3", e3), ("d2", e2), ("d1", e1)]:
        x = conv(name, up(name, x, skip))
    conv("out", x)

    size = ["height", "width"]
    graph = helper.make_graph(
        nodes, "housing",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, *size])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, len(CLASSES), *size])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="delimit", ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, args.onnx)
    print(f"{args.onnx}: {os.path.getsize(args.onnx)} bytes")

    import onnxruntime
    network = build()
    restore(network, args.data / "weights.npz")
    session = onnxruntime.InferenceSession(args.onnx)
    images, _ = load(args.data / "2000")
    worst = 0.0
    for image, (h, w) in zip(images, [(384, 512), (64, 200), (8, 8), (256, 256)]):
        x = image[:h, :w].astype(np.float32) / 255.0
        ours = session.run(None, {"image": x[None, None]})[0][0]
        theirs = network(x[None, ..., None], training=False)[0].numpy().transpose(2, 0, 1)
        worst = max(worst, float(np.abs(ours - theirs).max()))
    print(f"largest difference of a probability from the trained network: {worst:.2e}")


def iou(predicted, truth):
    result = {}
    for c, name in enumerate(CLASSES):
        if c:
            p, t = predicted == c, truth == c
            result[name] = float((p & t).sum() / max((p | t).sum(), 1))
    return result


def evaluate(args):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(args.onnx, options)
    images, labels = load(args.data / args.set)
    start = time.time()
    predicted = np.stack([session.run(None, {"image": p[None, None].astype(np.float32) / 255.0})[0][0].argmax(0) for p in images])
    print(f"{len(images)} parts of seed {args.set}, {1000 * (time.time() - start) / len(images):.0f} ms each on one thread")
    eight = np.ones((3, 3))
    scores = iou(predicted, labels)
    print("| class | IoU | defects | found | missed | wrong class | invented |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for c in range(1, len(CLASSES)):
        found = missed = wrong = invented = 0
        for p, t in zip(predicted, labels):
            regions, n = ndimage.label(t == c, eight)
            for k in range(1, n + 1):
                region = regions == k
                # Found: at least a fifth of the region has its class. Wrong class: a fifth is called a defect of another kind.
                if (p[region] == c).mean() >= 0.2:
                    found += 1
                elif (p[region] > 0).mean() >= 0.2:
                    wrong += 1
                else:
                    missed += 1
            regions, n = ndimage.label(p == c, eight)
            invented += sum(1 for k in range(1, n + 1) if (regions == k).sum() >= 4 and not (t[regions == k] > 0).any())
        print(f"| {CLASSES[c]} | {scores[CLASSES[c]]:.2f} | {found + missed + wrong} | {found} | {missed} | {wrong} | {invented} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("train")
    one.add_argument("data", type=pathlib.Path)
    one.add_argument("--steps", type=int, default=2600)
    one.add_argument("--rate", type=float, default=2e-3, help="learning rate at the start")
    one.add_argument("--resume", action="store_true", help="second round: go on from DATA/weights.npz")
    one.add_argument("--minutes", type=float, default=24.0, help="stop after this time at the latest")
    one = commands.add_parser("calibrate")
    one.add_argument("data", type=pathlib.Path)
    one = commands.add_parser("export")
    one.add_argument("data", type=pathlib.Path)
    one.add_argument("onnx")
    one = commands.add_parser("evaluate")
    one.add_argument("data", type=pathlib.Path)
    one.add_argument("onnx")
    one.add_argument("--set", default="3000")
    args = parser.parse_args()
    {"train": train, "calibrate": calibrate, "export": export, "evaluate": evaluate}[args.command](args)


if __name__ == "__main__":
    main()
