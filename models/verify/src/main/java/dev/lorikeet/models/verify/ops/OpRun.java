package dev.lorikeet.models.verify.ops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.Numbers;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One sub-case of kind `ops` on a tape: its inputs as variables, its outputs, and its gradients for the upstream
/// gradients of the outputs.
final class OpRun implements AutoCloseable {
    private final GoldenCase golden;
    private final Backend backend;
    private final Tape tape;
    private final Algebra algebra;
    private final String tag;
    private final JsonNode attrs;
    private final Map<String, Trainable> trained = new LinkedHashMap<>();
    private Activation objective;

    public OpRun(GoldenCase golden, Pool pool, String tag, JsonNode attrs) {
        this.golden = golden;
        this.backend = pool.backend();
        this.tape = Tape.training(pool, null);
        this.algebra = new Algebra(tape, backend);
        this.tag = tag;
        this.attrs = attrs;
    }

    public Tape tape() {
        return tape;
    }

    public Backend backend() {
        return backend;
    }

    public Algebra algebra() {
        return algebra;
    }

    /// The attribute `name`; a missing node if there is none.
    public JsonNode attr(String name) {
        return attrs.path(name);
    }

    /// Whether there is an input of that name.
    public boolean has(String input) {
        return golden.has(tag + "/in." + input);
    }

    /// An input; a gradient is computed for it if the manifest expects one.
    public Variable in(String name) {
        Trainable known = trained.get(name);
        if (known != null) {
            return known;
        }
        Golden numbers = stored(name);
        if (!golden.has(tag + "/grad." + name)) {
            return algebra.constant(numbers.shape(), numbers.values());
        }
        Trainable made = Trainable.of(
                backend, name, Numbers.upload(backend, numbers.shape(), numbers.values()));
        trained.put(name, made);
        return made;
    }

    /// An input that is not differentiated: ids, masks.
    public Golden stored(String name) {
        return golden.input(tag + "/in." + name);
    }

    /// Names of the tensors of this sub-case that start with `prefix` (`in.`, `out.`), in the order of the manifest.
    public List<String> names(String prefix) {
        String start = tag + "/" + prefix;
        return golden.manifest().tensors().keySet().stream()
                .filter(name -> name.startsWith(start))
                .map(name -> name.substring(start.length()))
                .toList();
    }

    /// Compares an output, and takes it into the backward pass if there is an upstream gradient for it.
    public void out(String name, Variable y) {
        golden.check(tag + "/out." + name, "", y.shape(), HostValues.doubles(backend, y.value()));
        String upstream = tag + "/gradout." + name;
        if (golden.has(upstream)) {
            Golden dy = golden.input(upstream);
            Activation weighted = Multiply.apply(tape, y, algebra.constant(y.shape(), dy.values()));
            Activation part = Sum.apply(tape, weighted, 1);
            objective = objective == null ? part : Add.apply(tape, objective, part);
        }
    }

    /// Compares an output of integers.
    public void out(String name, int[] y) {
        double[] values = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            values[i] = y[i];
        }
        golden.check(tag + "/out." + name, values);
    }

    /// Backward from everything that has an upstream gradient.
    public void checkGradients() {
        if (objective == null) {
            return;
        }
        if (objective.isTracked()) {
            tape.backward(objective);
        }
        trained.forEach((name, weight) -> {
            double[] gradient = weight.hasGrad()
                    ? HostValues.doubles(backend, weight.grad())
                    : new double[Math.toIntExact(weight.shape().size())];
            golden.check(tag + "/grad." + name, gradient);
        });
    }

    @Override
    public void close() {
        tape.close();
        for (Trainable weight : new ArrayList<>(trained.values())) {
            backend.free(weight.value().storage());
            backend.free(weight.grad().storage());
        }
        trained.clear();
    }
}
