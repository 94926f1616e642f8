"""The class `Trainer` as it is printed, with what every line depends on."""

from __future__ import annotations

#: Printed where an optimizer keeps tensors, or gradients are summed.
ZEROS = '''
def zeros(variables: dict[str, tf.Variable]) -> dict[str, tf.Variable]:
    """Variables of zeros like these."""
    return {name: tf.Variable(tf.zeros_like(v), trainable=False) for name, v in variables.items()}
'''

#: A line `% flags` says when those after it are printed: with all of its flags, and without those
#: that have a `!`; a bare `%` means always. `<words>` are filled in.
TRAINER = '''
class Trainer:
<doc>

% !distributed
    def __init__(self, model: keras.Model, device: str = "cpu", compile: bool = False) -> None:
% distributed
    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy) -> None:
%
        self.model = model
        self.step = 0
% !distributed
        self.device = device.replace("cuda", "gpu")  # as TensorFlow calls it
        with tf.device(self.device):
% distributed
        self.strategy = strategy
        with strategy.scope():
%
            named = list(named_weights(model))
            self.axes = {name: axes for name, _, axes in named}
            self.weights = {name: variable.value for name, variable, _ in named}
            self.parameters = {name: v for name, v in self.weights.items() if v.trainable}
% momentum
            self.momentum = zeros(self.parameters)
% adamw
            self.first_moment = zeros(self.parameters)
            self.second_moment = zeros(self.parameters)
% accumulate
            self.sums = zeros(self.parameters)
% average
            self.variables = [variable for _, variable, _ in named]
            self.average = {
                name: tf.Variable(v, trainable=False) for name, v in self.weights.items()
            }
% global
        synchronize(model)
% stochastic
        self.dropouts = [
            layer
            for _, layer in named_layers(model)
            if isinstance(layer, keras.layers.Dropout) and layer.rate > 0
        ]
% !accumulate !distributed
        self._run_step = tf.function(self._step, jit_compile=compile)
% accumulate !distributed
        self._run_part = tf.function(self._part, jit_compile=compile)
        self._run_update = tf.function(self._update, jit_compile=compile)
% !distributed
        self._run_evaluation = tf.function(self._evaluation, jit_compile=compile)
% !accumulate distributed
        self._run_step = self._everywhere(self._step)
% accumulate distributed
        self._run_part = self._everywhere(self._part)
        self._run_update = self._everywhere(self._update)
% distributed
        self._run_evaluation = self._everywhere(self._evaluation)
%

    def train_step(
        self, images: np.ndarray, labels: np.ndarray, rate: float
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Learn from a batch; returns its mean loss and the number of right answers, not yet read.

        <batch>
        """
% accumulate
        parts = zip(np.split(images, ACCUMULATE), np.split(labels, ACCUMULATE), strict=True)
% accumulate stochastic
        numbered = enumerate(parts, self.step * ACCUMULATE)
% adamw
        first, second = 1 - BETA1 ** (self.step + 1), 1 - BETA2 ** (self.step + 1)
% !distributed
        with tf.device(self.device):
% distributed
        with self.strategy.scope():
%
            # A tensor, for with every Python number the step would be traced anew.
% sgd
            current = tf.constant(rate, tf.<dtype>)
% adamw decay
            current = tf.constant([rate, rate / first, second**0.5], tf.<dtype>)
% adamw !decay
            current = tf.constant([rate / first, second**0.5], tf.<dtype>)
% stochastic !accumulate
            result = self._run_step(<batch parts>, current, tf.constant(self.step))
% !stochastic !accumulate
            result = self._run_step(<batch parts>, current)
% accumulate stochastic !distributed
            results = [self._run_part(*part, tf.constant(number)) for number, part in numbered]
% accumulate !stochastic !distributed
            results = [self._run_part(*part) for part in parts]
% accumulate stochastic distributed
            results = [
                self._run_part(*self._placed(*part), tf.constant(number))
                for number, part in numbered
            ]
% accumulate !stochastic distributed
            results = [self._run_part(*self._placed(*part)) for part in parts]
% accumulate
            self._run_update(current)
            losses, corrects = zip(*results, strict=True)
            result = tf.add_n(losses) / ACCUMULATE, tf.add_n(corrects)
%
        self.step += 1
        return result

    def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """The summed loss of a batch and the number of right answers; a label of -1 is padding."""
% !distributed
        with tf.device(self.device):
            return self._run_evaluation(images, labels)
% distributed
        missing = -len(labels) % len(self.strategy.extended.worker_devices)
        if missing:
            images = np.pad(images, [(0, missing)] + [(0, 0)] * (images.ndim - 1))
            labels = np.pad(labels, (0, missing), constant_values=-1)
        return self._run_evaluation(*self._placed(images, labels))
%

    def state(self) -> dict[str, np.ndarray]:
        """All that training goes on from, under canonical names and in canonical layouts."""
        state = {"step": np.array(self.step, np.int64)}
        for key, variable, axes in self._kept():
            state[key] = np.array(variable.numpy().transpose(np.argsort(axes)), order="C")
        return state

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state, of whatever framework."""
        for key, variable, axes in self._kept():
            shape = tuple(variable.shape[i] for i in np.argsort(axes))
            if state[key].shape != shape:
                raise ValueError(f"{key} is {state[key].shape}, and here it is {shape}")
            variable.assign(state[key].transpose(axes))
        self.step = int(state["step"])

    def _kept(self) -> Iterator[tuple[str, tf.Variable, tuple]]:
        """Yield the names, variables and axes of a state."""
<groups>
        for group, variables in groups.items():
            for name, variable in variables.items():
                yield f"{group}/{name}", variable, self.axes[name]

% distributed
    def _placed(self, *arrays: np.ndarray) -> list[Any]:
        """Arrays as each device of this process has its part of them."""
        count = len(self.strategy.extended.worker_devices)
        place = self.strategy.experimental_distribute_values_from_function
        return [
            place(lambda at, a=array: np.split(a, count)[at.replica_id_in_sync_group % count])
            for array in arrays
        ]

    def _everywhere(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of each device's part, compiled for all; its results are the same on all."""

        @tf.function
        def run(*arguments):
            results = self.strategy.run(function, arguments)
            return [self.strategy.experimental_local_results(result)[0] for result in results]

        return run

% stochastic !accumulate
    def _step(self, images, labels, <rates>, step):
% stochastic accumulate
    def _part(self, images, labels, step):
% !stochastic !accumulate
    def _step(self, images, labels, <rates>):
% !stochastic accumulate
    def _part(self, images, labels):
% distributed
        replica = tf.distribute.get_replica_context()
% stochastic !distributed
        seeds = tf.random.split([SEED, step], len(self.dropouts))
% stochastic distributed
        # Every device drops what its own number says.
        number = step * replica.num_replicas_in_sync + replica.replica_id_in_sync_group
        seeds = tf.random.split([SEED, number], len(self.dropouts))
% stochastic
        for layer, seed in zip(self.dropouts, tf.unstack(seeds), strict=True):
            layer.seed_generator.state.assign(seed)
%
% smooth !mix
        targets = tf.one_hot(labels, <classes>, dtype=tf.<dtype>)
% mix float64
        targets = tf.cast(labels, tf.float64)
% smooth
        targets = (1 - LABEL_SMOOTHING) * <unsmoothed> + LABEL_SMOOTHING / <classes>
%
        with tf.GradientTape() as tape:
            logits = <logits in training>
% !smooth !mix
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
% smooth !mix
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
% mix
            # Probabilities add up to 1 but for rounding, which TensorFlow's own loss leaves out.
            losses = -tf.reduce_sum(<targets> * tf.nn.log_softmax(logits), axis=1)
%
% !distributed
            loss = tf.reduce_mean(losses)
% distributed
            loss = tf.reduce_mean(losses) / replica.num_replicas_in_sync
%
        correct = tf.math.count_nonzero(tf.argmax(logits, axis=1) == <answers>)
% !unreached
        gradients = tape.gradient(loss, self.parameters)
% unreached
        # Zero, not None, for a parameter that no output depends on: it decays all the same.
        gradients = tape.gradient(loss, self.parameters, unconnected_gradients="zero")
% distributed
        loss, correct = (replica.all_reduce("sum", result) for result in (loss, correct))
% distributed !accumulate
        gradients = replica.all_reduce("sum", gradients)
% accumulate
        for name, gradient in gradients.items():
            self.sums[name].assign_add(gradient)
        return loss, correct

    def _update(self, <rates>):
% accumulate !distributed
        gradients = {name: v / ACCUMULATE for name, v in self.sums.items()}
% accumulate distributed
        replica = tf.distribute.get_replica_context()
        sums = {name: v / ACCUMULATE for name, v in self.sums.items()}
        gradients = replica.all_reduce("sum", sums)
% local
        # Batch norms saw a device's own samples: their running statistics become the mean of all.
        kept = {name: tf.identity(v) for name, v in self.weights.items() if not v.trainable}
        for name, mean in replica.all_reduce("mean", kept).items():
            self.weights[name].assign(mean)
% clip
        norm = tf.linalg.global_norm(list(gradients.values()))
        scale = tf.minimum(MAX_NORM / (norm + 1e-6), 1.0)
        gradients = {name: scale * gradient for name, gradient in gradients.items()}
% adamw decay
        rate, first_rate, second_root = tf.unstack(rates)
% adamw !decay
        first_rate, second_root = tf.unstack(rates)
%
        for name, parameter in self.parameters.items():
% sgd decay !rule
            gradient = gradients[name] + WEIGHT_DECAY * parameter
% adamw|!decay|rule
            gradient = gradients[name]
% sgd decay rule
            if <decays>:
                gradient += WEIGHT_DECAY * parameter
% sgd momentum
            # buffer = MOMENTUM buffer + gradient; parameter -= rate <move>
            tf.raw_ops.ResourceApplyMomentum(
                var=parameter.handle,
                accum=self.momentum[name].handle,
                lr=rate,
                grad=gradient,
                momentum=MOMENTUM,
% sgd nesterov
                use_nesterov=True,
% sgd momentum
            )
% sgd !momentum
            parameter.assign_sub(rate * gradient)
% adamw
            first, second = self.first_moment[name], self.second_moment[name]
            first.assign(BETA1 * first + (1 - BETA1) * gradient)
            second.assign(BETA2 * second + (1 - BETA2) * gradient * gradient)
% adamw decay !rule
            parameter.assign_sub(rate * WEIGHT_DECAY * parameter)
% adamw decay rule
            if <decays>:
                parameter.assign_sub(rate * WEIGHT_DECAY * parameter)
% adamw
            parameter.assign_sub(first_rate * first / (tf.sqrt(second) / second_root + EPSILON))
% accumulate
        for total in self.sums.values():
            total.assign(tf.zeros_like(total))
% average
        for name, weight in self.weights.items():
            average = self.average[name]
            average.assign(AVERAGE_DECAY * average + (1 - AVERAGE_DECAY) * weight)
% !accumulate
        return loss, correct
% accumulate distributed
        return ()
%

    def _evaluation(self, images, labels):
% !average
        logits = <logits>
% average
        with keras.StatelessScope(zip(self.variables, self.average.values(), strict=True)):
            logits = <logits>
%
        # A label of -1 makes a row of zeros, and no loss.
        targets = tf.one_hot(labels, <classes>, dtype=logits.dtype)
        losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
        correct = tf.math.count_nonzero(tf.argmax(logits, axis=1) == labels)
% !distributed
        return tf.reduce_sum(losses), correct
% distributed
        replica = tf.distribute.get_replica_context()
        results = tf.reduce_sum(losses), correct
        return [replica.all_reduce("sum", result) for result in results]
%
'''
