package dev.lorikeet.models.train;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.task.Task;
import java.util.Collection;
import java.util.OptionalDouble;

/// A task and where its data are: what a model is fine-tuned for, and judged by. Nothing is read before a base model
/// is there, since its tokenizer and its longest sequence decide what an example is.
///
/// @param <M> what the task needs of a model
/// @param <B> the kind of batch
public sealed interface TaskData<M, B extends Batch<B>> permits LanguageData, GlueData {
    /// The task.
    Task task();

    /// Reads what to train on and what is held out.
    ///
    /// @param dropout inside the frozen model, if not what its configuration says
    /// @param batch   sequences of a batch
    /// @throws dev.lorikeet.models.data.DataException if a file cannot be used
    /// @throws IllegalArgumentException               if the model cannot be used for the task
    TaskExamples<M, B> examples(BaseModel base, OptionalDouble dropout, int batch);

    /// Reads what is held out, and finds the model that adapters make of the base.
    ///
    /// @param adapters perhaps none
    /// @param batch    sequences of a batch
    /// @throws dev.lorikeet.models.data.DataException if a file cannot be used
    /// @throws IllegalArgumentException               if the model cannot be used for the task
    HeldOutExamples<M> heldOut(BaseModel base, Collection<StoredAdapter> adapters, int batch);

    /// What a resumed run must have in common with its beginning, for [Fingerprint].
    String fingerprint();
}
