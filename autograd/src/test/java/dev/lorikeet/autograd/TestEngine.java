package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.check.PoisonedBackend;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// What tests of everything that trains need: the scalar backend, F64 tensors with seeded numbers, and a pool whose
/// memory is NaN until it is written. As a field with `@RegisterExtension` it is closed after each test, which must
/// have given all step memory back.
public final class TestEngine implements AutoCloseable, AfterEachCallback {
    private static final long SEED = 20261121;

    private final Backend backend = Backends.open("scalar");
    private final Pool pool = new Pool(new PoisonedBackend(backend));
    private long streams;

    public Backend backend() {
        return backend;
    }

    public Pool pool() {
        return pool;
    }

    /// A training tape without randomness.
    public Tape tape() {
        return Tape.training(pool, null);
    }

    /// Standard normal numbers, different at each call.
    public Tensor normal(int... dims) {
        Tensor tensor = backend.allocate(DType.F64, Shape.of(dims));
        backend.kernels().normal(tensor, 0, 1, new RandomKey(SEED, streams++));
        return tensor;
    }

    /// Uniform in (0.5, 2).
    public Tensor positive(int... dims) {
        Tensor tensor = backend.allocate(DType.F64, Shape.of(dims));
        backend.kernels().uniform(tensor, 0.5, 2, new RandomKey(SEED, streams++));
        return tensor;
    }

    public Tensor doubles(Shape shape, double... values) {
        Tensor tensor = backend.allocate(DType.F64, shape);
        backend.upload(tensor, MemorySegment.ofArray(values));
        return tensor;
    }

    public Tensor ints(int... values) {
        Tensor tensor = backend.allocate(DType.I32, Shape.of(values.length));
        backend.upload(tensor, MemorySegment.ofArray(values));
        return tensor;
    }

    /// A trainable weight whose gradient buffer is full of NaN.
    public Trainable trainable(String name, Tensor value) {
        Trainable trainable = Trainable.of(backend, name, value);
        backend.kernels().fill(trainable.grad(), Double.NaN);
        return trainable;
    }

    public Trainable trainable(String name, int... dims) {
        return trainable(name, normal(dims));
    }

    public Frozen frozen(String name, int... dims) {
        return new Frozen(name, normal(dims));
    }

    public double[] numbers(Tensor tensor) {
        double[] numbers = new double[(int) tensor.size()];
        backend.download(MemorySegment.ofArray(numbers), tensor);
        return numbers;
    }

    /// Adds to the gradient of `weight`, as a backward pass would.
    public void accumulate(Trainable weight, double... gradient) {
        Tensor dy = doubles(weight.shape(), gradient);
        weight.accumulate((dw, beta) -> backend.kernels().axpby(dw, 1, dy, beta));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(pool.usedBytes()).as("step memory that is still on loan").isZero();
        close();
    }

    @Override
    public void close() {
        pool.close();
        backend.close();
    }
}
