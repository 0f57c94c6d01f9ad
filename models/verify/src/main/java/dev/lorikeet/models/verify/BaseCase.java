package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.verify.golden.CaseKind;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.tensor.Pool;
import java.util.LinkedHashMap;
import java.util.Map;

/// Kinds `gpt2-base`, `roberta-base`: a model without adapters. Forward, what is inside, gradients of all weights, full
/// fine-tuning, what its family has besides, and every form in which the weights are stored.
final class BaseCase implements CaseKind {
    @Override
    public void replay(GoldenCase golden, Pool pool) {
        try (BaseModel base = BaseModel.open(pool.backend(), golden.directory())) {
            Subject subject = Subject.of(golden, pool, base.model(base.config().architecture()));
            subject.forward();
            subject.others();
            if (subject.trainingLoss().isPresent()) {
                fineTuning(golden, pool, base);
            }
            new WeightForms(golden, base).check();
        }
    }

    private static void fineTuning(GoldenCase golden, Pool pool, BaseModel base) {
        TrainableWeights weights = new TrainableWeights(base.store(), _ -> true);
        Subject subject = Subject.of(
                golden, pool, base.model(base.config().architecture(), weights, Projections.plain()));
        Map<String, Trainable> trained = new LinkedHashMap<>();
        weights.all().forEach(weight -> trained.put(weight.name(), weight));
        TrainingChecks checks = new TrainingChecks(golden, pool, trained);
        checks.losses(subject.losses());
        subject.trainingLoss().ifPresent(loss -> checks.training("full_ft.", loss, true));
        trained.values().forEach(weight -> {
            pool.backend().free(weight.value().storage());
            pool.backend().free(weight.grad().storage());
        });
    }
}
