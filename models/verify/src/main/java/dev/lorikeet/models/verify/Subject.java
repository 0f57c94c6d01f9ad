package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaMaskedLm;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.NotReplayed;
import dev.lorikeet.tensor.Pool;
import java.util.Map;
import java.util.Optional;

/// A model that a case is about, together with the case's inputs: what replaying has to know of its family.
interface Subject {
    /// A loss over the case's labels.
    @FunctionalInterface
    interface Loss {
        Activation of(Tape tape);
    }

    /// The subject for a model.
    ///
    /// @throws NotReplayed if cases of this model cannot be replayed
    static Subject of(GoldenCase golden, Pool pool, Object model) {
        return switch (model) {
            case Gpt2 gpt2 -> new Gpt2Subject(golden, pool, gpt2);
            case RobertaClassifier classifier -> RobertaSubject.of(golden, pool, classifier);
            case RobertaMaskedLm maskedLm -> RobertaSubject.of(golden, pool, maskedLm);
            default -> throw new NotReplayed("there are no cases of a " + model.getClass().getSimpleName());
        };
    }

    /// Compares `logits` and everything between them and the inputs.
    void forward();

    /// Compares logits of the case's inputs.
    ///
    /// @param how by which way they are computed
    void logits(String tensor, String how);

    /// Compares what is listed besides: other inputs, generated texts.
    void others();

    /// The losses by the prefix of their tensors and scalars; empty if the case has no labels.
    Map<String, Loss> losses();

    /// The loss that the case's training makes smaller; empty if the case has no labels.
    Optional<Loss> trainingLoss();
}
