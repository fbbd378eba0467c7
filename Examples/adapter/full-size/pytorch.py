"""The full-size adapter in PyTorch: prints the least time in milliseconds and peak memory in MB.

    pytorch.py THREADS REPEATS PIXELS      (0 threads: as many as PyTorch takes)
"""
import resource
import sys
import time

import torch
import torch.nn.functional as F

threads, repeats, size = map(int, sys.argv[1:4])
if threads:
    torch.set_num_threads(threads)
channels = [320, 640, 1280, 1280]


def layer(inputs, outputs, side):
    weight = torch.randn(outputs, inputs, side, side) * (2 / (inputs * side * side)) ** 0.5
    return weight, torch.randn(outputs) * 0.1


def block(inputs, outputs):
    entry = layer(inputs, outputs, 1) if inputs != outputs else None
    return entry, layer(outputs, outputs, 3), layer(outputs, outputs, 1)


def adapter(image):
    x = F.conv2d(F.pixel_unshuffle(image, 8), *first, padding=1)
    features = []
    for place, (entry, block1, block2) in enumerate(body):
        if place and place % 2 == 0:
            x = F.avg_pool2d(x, 2)
        if entry:
            x = F.conv2d(x, *entry)
        x = x + F.conv2d(F.relu(F.conv2d(x, *block1, padding=1)), *block2)
        if place % 2:
            features.append(x)
    return features


with torch.inference_mode():
    torch.manual_seed(1)
    first = layer(192, channels[0], 3)
    body = [block(channels[max(i - 1, 0) // 2], channels[i // 2]) for i in range(8)]
    image = torch.randn(1, 3, size, size)
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        adapter(image)
        best = min(best, time.perf_counter() - start)
print(best * 1e3, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
