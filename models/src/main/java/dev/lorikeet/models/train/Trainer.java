package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.nn.optim.GradientClipping;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.tensor.Device;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import java.util.List;

/// Makes optimizer steps. One step: the loss of each micro-batch of the window is `Σ loss / (labels of the whole
/// window)`, so accumulating the gradients of several micro-batches gives exactly the gradient of the one big
/// batch.
///
/// A device that [captures graphs][dev.lorikeet.tensor.Backend#capturesGraphs] of its steps gets batches that are
/// [filled up][Batch#filledUp] and losses that are sums, so that no argument of a kernel depends on what is in a
/// batch: `1 / (labels of the whole window)` then joins the factor that the optimizer takes gradients by.
///
/// @param <B> the kind of batch
public final class Trainer<B extends Batch<B>> {
    /// Most micro-batches of a step: each has random numbers of its own.
    public static final int MOST_MICRO_BATCHES = 1 << 12;

    private static final int STREAM_BITS = 20;
    /// A RoBERTa-base step of 16 x 128 in two parts takes 3 % longer and 27 % less memory (`bench/README.md`).
    private static final int PROCESSOR_TOKENS = 1024;

    /// What decides which kernels a micro-batch asks for, with which arguments.
    ///
    /// @param adds whether gradients are added to what earlier micro-batches left
    private record Work(Object batch, boolean adds) {}

    private final Objective<B> objective;
    private final Pool pool;
    private final Optimizer optimizer;
    private final TrainingData<B> data;
    private final TrainingSettings settings;

    public Trainer(
            Objective<B> objective, Pool pool, Optimizer optimizer, TrainingData<B> data,
            TrainingSettings settings) {
        this.objective = objective;
        this.pool = pool;
        this.optimizer = optimizer;
        this.data = data;
        this.settings = settings;
    }

    /// Tokens to be computed at once on `device` if nobody says otherwise: on a GPU as many as come, on a processor
    /// no more than keep it busy, since all of them must be kept in memory for the backward pass.
    public static int tokensAtOnce(Device device) {
        return device.kind().equals("cuda") ? Integer.MAX_VALUE : PROCESSOR_TOKENS;
    }

    Pool pool() {
        return pool;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    TrainingSettings settings() {
        return settings;
    }

    /// Makes the next step.
    ///
    /// @throws IllegalStateException  if its window has more than [#MOST_MICRO_BATCHES]
    /// @throws NonFiniteLossException if the loss or a gradient is not finite; no weight has been changed then
    public StepResult step() {
        long start = System.nanoTime();
        long step = optimizer.steps();
        List<B> window = data.window(step);
        if (window.size() > MOST_MICRO_BATCHES) {
            throw new IllegalStateException("a step of %d micro-batches, at most %d are possible: make them larger"
                    .formatted(window.size(), MOST_MICRO_BATCHES));
        }
        long labelled = window.stream().mapToLong(Batch::labelled).sum();
        long tokens = window.stream().mapToLong(Batch::tokens).sum();
        boolean captures = pool.backend().capturesGraphs();
        double mean = labelled == 0 ? 1 : 1.0 / labelled;
        double scale = captures ? 1 : mean;                  // of what is computed
        double later = captures ? mean : 1;                  // and what is left to do
        double loss = 0;
        for (int micro = 0; micro < window.size() && labelled > 0; micro++) {
            B batch = window.get(micro);
            loss += later * accumulate(captures ? batch.filledUp() : batch, step, micro, scale);
        }
        if (!Double.isFinite(loss)) {
            throw new NonFiniteLossException(step + 1, "the loss", loss);
        }
        GradientClipping clipping =
                GradientClipping.ofScaled(pool.backend().kernels(), optimizer.weights(), settings.clip(), later);
        if (!Double.isFinite(clipping.norm())) {
            throw firstNonFinite(step + 1);
        }
        double lr = settings.lr() * settings.schedule().factor(step);
        optimizer.step(lr, clipping.factor());
        double seconds = (System.nanoTime() - start) / 1e9;
        return new StepResult(step + 1, loss, lr, clipping.norm(), tokens, labelled, seconds);
    }

    private double accumulate(B batch, long step, int micro, double scale) {
        if (batch.labelled() == 0) {
            return 0;
        }
        pool.beginStep();
        // every (step, micro-batch) owns 2^20 random streams, more than a model has dropout sites
        RandomKey random = new RandomKey(settings.seed(), (step * MOST_MICRO_BATCHES + micro) << STREAM_BITS);
        try (Tape tape = settings.recompute() ? Tape.recomputing(pool, random) : Tape.training(pool, random)) {
            Activation[] loss = new Activation[1];
            pool.backend().replay(new Work(batch.shape(), micro > 0), random, () -> {
                loss[0] = objective.loss(tape, batch, settings.smoothing(), scale);
                tape.backward(loss[0]);
            });
            return HostValues.doubles(pool.backend(), loss[0].value())[0];
        }
    }

    private NonFiniteLossException firstNonFinite(long step) {
        for (Trainable weight : optimizer.weights()) {
            double sum = weight.hasGrad() ? pool.backend().kernels().sumOfSquares(weight.grad()) : 0;
            if (!Double.isFinite(sum)) {
                return new NonFiniteLossException(step, "the gradient of " + weight.name(), sum);
            }
        }
        return new NonFiniteLossException(step, "the gradients' norm", Double.POSITIVE_INFINITY);
    }
}
