"""Softmax regression."""

import numpy as np


class Model:
    """Rows of features to a number for each class."""

    def __init__(self):
        self.weights = {
            "fc.weight": np.zeros((10, 64), np.float32),
            "fc.bias": np.zeros((10, 64)[:1], np.float32),
        }

    def __call__(self, x):
        return x @ self.weights["fc.weight"].T + self.weights["fc.bias"]
