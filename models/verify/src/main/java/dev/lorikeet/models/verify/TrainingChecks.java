package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What cases of all kinds of models compare of a loss: its value, its gradients, and what some steps of training lead
/// to.
final class TrainingChecks {
    private final GoldenCase golden;
    private final Pool pool;
    private final Map<String, Trainable> trained;

    /// @param trained everything trainable under the names that the case gives it
    TrainingChecks(GoldenCase golden, Pool pool, Map<String, Trainable> trained) {
        this.golden = golden;
        this.pool = pool;
        this.trained = trained;
    }

    /// A case's losses: `<prefix>loss` and `<prefix>grad/<key>`.
    void losses(Map<String, Subject.Loss> losses) {
        losses.forEach((prefix, loss) -> {
            if (golden.hasScalar(prefix + "loss")) {
                golden.checkScalar(prefix + "loss", value(loss));
            }
            gradients(prefix + "grad/", loss);
        });
    }

    private double value(Subject.Loss loss) {
        try (Tape tape = Tape.inference(pool)) {
            return HostValues.doubles(pool.backend(), loss.of(tape).value())[0];
        }
    }

    private void gradients(String prefix, Subject.Loss loss) {
        Set<String> listed = golden.manifest().tensors().keySet();
        if (listed.stream().noneMatch(name -> name.startsWith(prefix))) {
            return;
        }
        trained.values().forEach(Trainable::clearGrad);
        try (Tape tape = Tape.training(pool, null)) {
            tape.backward(loss.of(tape));
        }
        trained.forEach((key, weight) -> {
            if (golden.has(prefix + key)) {
                golden.check(prefix + key, weight.hasGrad()
                        ? HostValues.doubles(pool.backend(), weight.grad())
                        : new double[Math.toIntExact(weight.shape().size())]);
            }
        });
        trained.values().forEach(Trainable::clearGrad);
    }

    /// Trains as the manifest says and compares the losses before each step and after the last, and
    /// `after<steps>/<key>`. Does nothing if the manifest has no `training`.
    ///
    /// @param prefix  of the tensors and of the scalar `losses`
    /// @param grouped whether the weight decay is that of full fine-tuning
    void training(String prefix, Subject.Loss loss, boolean grouped) {
        if (!golden.manifest().get("training").isObject()) {
            return;
        }
        TrainingPlan plan = TrainingPlan.of(golden, grouped);
        List<Double> losses = new ArrayList<>();
        Optimizer optimizer = plan.optimizer(pool.backend(), trained);
        for (double lr : plan.learningRates()) {
            try (Tape tape = Tape.training(pool, null)) {
                Activation made = loss.of(tape);
                losses.add(HostValues.doubles(pool.backend(), made.value())[0]);
                tape.backward(made);
            }
            optimizer.step(lr, 1);
        }
        losses.add(value(loss));
        optimizer.state().values().forEach(state -> pool.backend().free(state.storage()));
        if (golden.hasScalar(prefix + "losses")) {
            golden.checkScalar(prefix + "losses", losses.stream().mapToDouble(Double::doubleValue).toArray());
        }
        String after = prefix + "after" + plan.learningRates().length + "/";
        trained.forEach((key, weight) -> {
            if (golden.has(after + key)) {
                golden.check(after + key, HostValues.doubles(pool.backend(), weight.value()));
            }
        });
    }
}
