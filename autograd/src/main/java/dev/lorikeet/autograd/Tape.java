package dev.lorikeet.autograd;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// One forward pass, remembered so that it can be differentiated, and the owner of its memory.
///
/// ```java
/// try (Tape tape = Tape.training(pool, key)) {
///     Activation loss = model.loss(tape, batch);
///     tape.backward(loss);
/// }
/// ```
///
/// A training tape records every op one of whose inputs needs a gradient; an inference tape records nothing and has no
/// randomness, so dropout is the identity. There is no train or eval mode anywhere else. A tape serves one thread.
public final class Tape implements AutoCloseable {
    private final Pool pool;
    private final Kernels kernels;
    private final Mode mode;
    private final RandomStreams random;
    private final Leases leases;
    private final List<Recorded> recorded = new ArrayList<>();
    private final List<Traced> trace = new ArrayList<>();
    private final Set<Trainable> trainables = new LinkedHashSet<>();

    private Tape(Pool pool, Mode mode, RandomStreams random) {
        this.pool = pool;
        this.kernels = pool.backend().kernels();
        this.mode = mode;
        this.random = random;
        this.leases = new Leases(pool);
    }

    /// A tape that records; `random` names the first of the random streams that dropout draws from, or is null for
    /// none.
    public static Tape training(Pool pool, RandomKey random) {
        return new Tape(pool, Mode.TRAINING, new RandomStreams(random));
    }

    /// A training tape that saves nothing but the input of what [dev.lorikeet.autograd.op.Recompute] wraps, and
    /// computes it again in the backward pass: same gradients, less memory, more time.
    public static Tape recomputing(Pool pool, RandomKey random) {
        return new Tape(pool, Mode.RECOMPUTING, new RandomStreams(random));
    }

    /// A training tape that also remembers the ops it does not record, so that the whole graph can be drawn.
    public static Tape traced(Pool pool, RandomKey random) {
        return new Tape(pool, Mode.TRACED, new RandomStreams(random));
    }

    /// A tape that records nothing.
    public static Tape inference(Pool pool) {
        return new Tape(pool, Mode.INFERENCE, new RandomStreams(null));
    }

    /// A tape for the dry forward of a block: it is computed without being recorded, to be computed again in the
    /// backward pass. That tape draws from this one's random streams and notes the weights that train.
    public Tape dryForward() {
        return new Tape(pool, Mode.DRY_FORWARD, random);
    }

    /// The weights that would need a gradient, of the ops computed in this [#dryForward].
    public List<Trainable> trainables() {
        return List.copyOf(trainables);
    }

    /// Whether blocks are to be computed again in the backward pass instead of being recorded.
    public boolean recomputes() {
        return mode == Mode.RECOMPUTING;
    }

    /// The arithmetic of the device that this step runs on.
    public Kernels kernels() {
        return kernels;
    }

    /// Whether a gradient has to be computed for `variable`.
    public boolean needsGrad(Variable variable) {
        return mode.records()
                && switch (variable) {
                    case Frozen _ -> false;
                    case Trainable _ -> true;
                    case Activation activation -> activation.isTracked();
                };
    }

    /// The next random stream of this step, or empty if nothing random is to happen.
    public Optional<RandomKey> nextRandom() {
        return random.next();
    }

    /// What [#nextRandom] would return.
    public Optional<RandomKey> peekRandom() {
        return random.peek();
    }

    /// Uninitialised step memory, owned by the innermost frame.
    public Tensor allocate(DType dtype, Shape shape) {
        return leases.allocate(dtype, shape);
    }

    /// As [#allocate], for what no op is going to save: it may lie in memory that is much larger than it needs.
    public Tensor temporary(DType dtype, Shape shape) {
        return leases.temporary(dtype, shape);
    }

    /// Memory for the result `y` of a [Recomputable] op of `x`: if the op is recorded nobody saves y.
    public Tensor recomputableResult(Variable x) {
        return needsGrad(x) ? temporary(x.dtype(), x.shape()) : allocate(x.dtype(), x.shape());
    }

    /// Step memory holding these numbers as I32: token ids, labels, row numbers.
    public Tensor ints(int... values) {
        return leases.upload(DType.I32, Shape.of(values.length), MemorySegment.ofArray(values));
    }

    /// Step memory holding these numbers, rounded to F32 or as they are in F64.
    public Tensor numbers(DType dtype, Shape shape, double... values) {
        float[] rounded = new float[dtype == DType.F32 ? values.length : 0];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) values[i];
        }
        return leases.upload(dtype, shape,
                dtype == DType.F32 ? MemorySegment.ofArray(rounded) : MemorySegment.ofArray(values));
    }

    /// Opens a scope for temporaries.
    public Frame frame() {
        return leases.open();
    }

    /// A constant: something that was not computed by an op, such as an input.
    public Activation constant(Tensor value) {
        return new Activation(value, Activation.UNTRACKED, leases.of(value));
    }

    /// A variable that needs a gradient and was computed elsewhere; see [#backward(Activation, Tensor, Consumer)].
    public Activation leaf(Tensor value) {
        Activation leaf = new Activation(value, recorded.size(), leases.of(value));
        recorded.add(Recorded.leaf(leaf));
        return leaf;
    }

    /// Declares `y` the result of an op on `inputs`. Every op calls this last, so there is no result without a
    /// backward.
    ///
    /// If any input needs a gradient the op made by `backward` is recorded; its argument notes what the op saves. If
    /// none does, `backward` is not called and the result is untracked.
    ///
    /// @param op       the op's type, for reports
    /// @param y        the value, computed already
    /// @param backward makes the op from exactly the tensors that its backward needs
    /// @param inputs   the variables in the order in which the op's backward numbers them
    /// @throws IllegalStateException if an input is tracked by another tape, or was before this tape's last backward
    public Activation record(
            Class<? extends Backward> op, Tensor y, Function<Saver, Backward> backward, Variable... inputs) {
        boolean tracked = false;
        for (Variable input : inputs) {
            tracked |= needsGrad(input);
            if (mode == Mode.DRY_FORWARD) {
                note(input);
            }
            if (mode.records() && input instanceof Activation activation && activation.isTracked()) {
                requireRecorded(activation);
            }
        }
        int index = tracked ? recorded.size() : Activation.UNTRACKED;
        Activation result = new Activation(y, index, leases.of(y));
        long savedBytes = 0;
        if (tracked) {
            Saver saver = new Saver(this);
            Backward made = backward.apply(saver);
            savedBytes = leases.save(saver.saved());
            recorded.add(new Recorded(made, result, inputs.clone(), saver.saved()));
        }
        if (mode == Mode.TRACED) {
            trace.add(new Traced(op, result, List.of(inputs), savedBytes));
        }
        return result;
    }

    /// The op that can compute `x` again in the backward pass, unless `x` is kept already and costs nothing more.
    Optional<Recomputable> recomputable(Variable x) {
        return x instanceof Activation activation
                        && activation.isTracked()
                        && !isSaved(activation)
                        && recorded.get(activation.index()).op() instanceof Recomputable op
                        && op.isRecomputable()
                ? Optional.of(op)
                : Optional.empty();
    }

    private static boolean isSaved(Activation activation) {
        return activation.lease() != null && activation.lease().isSaved();
    }

    private void note(Variable input) {
        switch (input) {
            case Frozen _ -> {}
            case Trainable weight -> trainables.add(weight);
            case Activation activation -> {
                if (activation.isTracked()) {
                    throw new IllegalStateException(("%s comes from outside of the block that is to be computed again: "
                            + "pass it as the block's input").formatted(activation));
                }
            }
        }
    }

    private void requireRecorded(Activation activation) {
        int index = activation.index();
        if (index >= recorded.size() || recorded.get(index).output() != activation) {
            throw new IllegalStateException(
                    "%s was recorded by another tape, or before this tape's last backward pass".formatted(activation));
        }
    }

    /// Hands the memory of `activation` to an op that overwrites it. The old activation cannot be used any more.
    ///
    /// @throws IllegalStateException if a recorded op has saved it, since its backward would read the new content
    public Tensor overwrite(Activation activation) {
        Tensor value = activation.value();
        if (activation.lease() == null || activation.lease().isSaved()) {
            throw new IllegalStateException(
                    "%s cannot be overwritten: a recorded op has saved it, or it is not step memory"
                            .formatted(activation));
        }
        activation.lease().overwrite();
        return value;
    }

    /// Computes the gradient of `loss` with respect to everything trainable and adds it to the weights' gradients. What
    /// was recorded is gone afterwards.
    ///
    /// @param loss a tracked activation of one element
    public void backward(Activation loss) {
        if (loss.shape().size() != 1) {
            throw new IllegalArgumentException(
                    "a loss has one element, %s has %d: reduce it, or pass its gradient to backward(y, dy)"
                            .formatted(loss, loss.shape().size()));
        }
        Tensor seed = allocate(loss.dtype(), loss.shape());
        kernels.fill(seed, 1);
        backward(loss, seed);
    }

    /// As [#backward(Activation)] with the gradient `dy` of something else with respect to `y`; `dy` is not changed.
    public void backward(Activation y, Tensor dy) {
        backward(y, dy, _ -> {});
    }

    /// As [#backward(Activation, Tensor)], for a tape with a leaf.
    ///
    /// @param leafGradient is given the leaf's gradient, if there is one, to add it somewhere before it returns
    public void backward(Activation y, Tensor dy, Consumer<Tensor> leafGradient) {
        if (!y.isTracked()) {
            throw new IllegalStateException("nothing trainable took part in computing " + y);
        }
        requireRecorded(y);
        if (!dy.shape().equals(y.shape())) {
            throw new ShapeMismatch("backward", y.shape(), dy.shape(), "a gradient has the shape of its variable");
        }
        Gradients gradients = new Gradients(pool, kernels, recorded.size());
        gradients.seed(y.index(), dy);
        for (int i = recorded.size() - 1; i >= 0; i--) {
            Recorded entry = recorded.get(i);
            if (entry.isLeaf()) {
                gradients.deliver(entry, leafGradient);
            } else {
                gradients.propagate(entry);
            }
            leases.unsave(entry.saved());
        }
        recorded.clear();
    }

    /// What the recorded ops have saved, in bytes, by op.
    public TapeReport report() {
        return TapeReport.of(recorded, leases.storages());
    }

    /// All ops of the step in execution order, tracked or not.
    ///
    /// @throws IllegalStateException if this tape was not made by [#traced]
    public List<Traced> trace() {
        if (mode != Mode.TRACED) {
            throw new IllegalStateException(
                    "only a tape made by Tape.traced remembers the ops that it does not record");
        }
        return List.copyOf(trace);
    }

    /// Number of recorded ops.
    public int size() {
        return recorded.size();
    }

    /// Returns all step memory to the pool.
    @Override
    public void close() {
        leases.end();
        recorded.clear();
    }
}
