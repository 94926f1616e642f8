"""Codes R085x and R086x, training runs: their folders, checkpoints and workers."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0850",
        "a run that cannot be",
        "Training takes a network whose input has a number for every size, and backends that print "
        "a trainer, each named once.",
        "resdsl train net.res:net --backends onnx\n",
        "resdsl train net.res:net --backends torch,jax\n",
    ),
    Code(
        "R0851",
        "something that training needs is not there",
        "A framework or one of the packages of `resdsl[train]` is not installed, or the run folder "
        "cannot be made. Nothing was trained.",
    ),
    Code(
        "R0852",
        "the folder of a new run is taken",
        "A run folder is new or empty, so that no run is written over another. `--resume` goes on "
        "with the run that a folder holds; `-o` names another folder.",
        "resdsl train net.res -o runs/net-1    # a second time\n",
        "resdsl train --resume runs/net-1\n",
    ),
    Code(
        "R0853",
        "what is to be resumed is no run",
        "`--resume` takes the folder that `resdsl train` wrote, which has a file `run.json`, or a "
        "checkpoint within it. Either the path is another, or that file is damaged.",
    ),
    Code(
        "R0854",
        "a damaged checkpoint",
        "The file is cut off, was changed after it was written, or is no checkpoint of resdsl at "
        "all: a digest in its header tells. A run that goes on passes it over with a warning and "
        "takes the next older one; if there is none, or the file was asked for by its name, it is "
        "an error.",
    ),
    Code(
        "R0855",
        "a checkpoint of another network or recipe",
        "A run goes on as it began. The network (its operations, arguments and names of weights) "
        "and the recipe (all that it says, but for its name and the path of its data) are those of "
        "the checkpoint, whatever the framework. To start a new run from trained weights, give "
        "them as `--weights`.",
        "resdsl train --resume runs/net-1 --set optimizer.lr=0.01\n",
        "resdsl train net.res:net --set optimizer.lr=0.01\n",
    ),
    Code(
        "R0856",
        "training has diverged",
        "The loss of a step, or a weight behind it, is no finite number any more, and no later "
        "step could make it one. Mostly the learning rate is too high: at the start, where a "
        "warm-up helps, or altogether. The last checkpoint was written before.",
    ),
    Code(
        "R0857",
        "a training worker failed",
        "The process of one backend ended before its work was done: an exception in the framework, "
        "or not enough memory. The end of what it wrote to standard error is shown. The other "
        "backends go on, and `--resume` goes on with this one from its last checkpoint.",
    ),
    Code(
        "R0858",
        "a backend cannot train here",
        "The worker of a backend started and found that it cannot do what is asked: its framework "
        "finds no GPU for `--device cuda`, or an edited source in the run folder lacks the model's "
        "class or its weights.",
    ),
    Code(
        "R0859",
        "another process trains in the folder",
        "A backend's part of a run has one process at a time. One that was told to end, or whose "
        "parent was killed, finishes its step and writes a checkpoint first: it was waited for.",
    ),
    Code(
        "R0860",
        "not enough space for checkpoints",
        "The checkpoints that a run keeps, and the one it writes before it removes the oldest, do "
        "not fit on the disk of its folder.",
        "resdsl train net.res -o /small/run\n",
        "resdsl train net.res -o /large/run --keep-last 1\n",
    ),
    Code(
        "R0861",
        "devices that cannot share a run",
        "Every device has an equal part of every batch, or of every micro-batch where gradients "
        "are accumulated. A run that began with one device has a trainer for one; from any of its "
        "checkpoints a new run goes on with several. TensorFlow's XLA compiles no step in which "
        "devices exchange something, so that there `--compile` is for one device. Synchronized "
        "batch norms are of one kind: all keep the same `variance`.",
        "resdsl train net.res:net --set data.batch=100 --devices 8\n",
        "resdsl train net.res:net --set data.batch=104 --devices 8\n",
    ),
]
