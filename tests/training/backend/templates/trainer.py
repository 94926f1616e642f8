"""Trains the model beside it: the contract of a trainer script, in NumPy."""

import os
import time

import numpy as np
from model_numpy import Model

LR = ...
MOMENTUM = ...
DECAY = ...
LENGTH = ...
EPOCHS = ...
DTYPE = ...
#: Seconds that a step takes at least, so that a test can come in between.
PAUSE = float(os.environ.get("RESDSL_NUMPY_PAUSE", "0"))


def learning_rate(step, steps_per_epoch):
    return LR


def total_steps(steps_per_epoch):
    return round(LENGTH * steps_per_epoch if EPOCHS else LENGTH)


class Trainer:
    def __init__(self, model: Model, device="cpu", compile=False):
        self.model = model
        self.step = 0
        model.weights = {name: w.astype(DTYPE) for name, w in model.weights.items()}
        self.momentum = {name: np.zeros_like(w) for name, w in model.weights.items()}

    def train_step(self, images, labels, rate):
        time.sleep(PAUSE)
        x = self._rows(images)
        p, loss = self._softmax(x, labels)
        correct = (p.argmax(1) == labels).sum()
        p[np.arange(len(labels)), labels] -= 1
        p /= len(labels)
        for name, g in (("fc.weight", p.T @ x), ("fc.bias", p.sum(0))):
            w = self.model.weights[name]
            self.momentum[name] = MOMENTUM * self.momentum[name] + g + DECAY * w
            self.model.weights[name] = w - w.dtype.type(rate) * self.momentum[name]
        self.step += 1
        return loss.mean(), correct

    def evaluate(self, images, labels):
        kept = labels >= 0
        labels = labels[kept]
        p, loss = self._softmax(self._rows(images)[kept], labels)
        return loss.sum(), (p.argmax(1) == labels).sum()

    def state(self):
        return {
            **{f"weights/{name}": w for name, w in self.model.weights.items()},
            **{f"momentum/{name}": b for name, b in self.momentum.items()},
            "step": np.array(self.step, np.int64),
        }

    def load_state(self, state):
        for name in self.model.weights:
            self.model.weights[name] = np.array(state[f"weights/{name}"])
            self.momentum[name] = np.array(state[f"momentum/{name}"])
        self.step = int(state["step"])

    def _rows(self, images):
        # Channels last to channels first, as `flatten` of the language has them.
        return np.moveaxis(images, -1, 1).reshape(len(images), -1).astype(DTYPE)

    def _softmax(self, x, labels):
        y = self.model(x)
        y = y - y.max(1, keepdims=True)
        p = np.exp(y)
        total = p.sum(1, keepdims=True)
        loss = np.log(total[:, 0]) - y[np.arange(len(labels)), labels]
        return p / total, loss
