"""The network of `small.res` in Keras, which keeps the other running variance."""

import keras
from keras import layers


def unit(x, width, size, stride=1, bias=False):
    x = layers.ZeroPadding2D(size // 2)(x) if size > 1 else x
    x = layers.Conv2D(width, size, stride, use_bias=bias)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def block(x, width, stride):
    y = layers.ReLU()(unit(x, width, 3, stride))
    side = unit(x, width, 1, stride) if stride > 1 else x
    return layers.ReLU()(layers.Add()([unit(y, width, 3), side]))


def port():
    images = layers.Input((16, 16, 3))
    x = layers.ReLU()(unit(images, 8, 3, bias=True))
    x = layers.MaxPool2D(3, 2)(layers.ZeroPadding2D(1)(x))
    x = layers.GlobalAveragePooling2D()(block(block(x, 8, 1), 16, 2))
    return keras.Model(images, layers.Dense(10)(layers.Dropout(0.3)(x)))
