package dev.lorikeet.models.base;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.Architecture;
import java.util.ArrayList;
import java.util.List;

/// A model with adapters from files, which stay as they are; closing it frees them.
///
/// @param adapted the model
public record Attached<M>(AdaptedModel<M> adapted) implements AutoCloseable {
    /// What a file holds, and what it is called.
    ///
    /// @param name   for messages
    /// @param stored the adapter
    public record Named(String name, StoredAdapter stored) {}

    /// The base with adapters, whose updates add up; the plain base if there are none.
    ///
    /// @param architecture of the base's configuration with the head that the adapters bring
    /// @throws dev.lorikeet.lora.AdapterMismatch if an adapter does not fit
    public static <M> Attached<M> of(
            BaseModel base, Architecture<? extends M> architecture, List<Named> files) {
        List<LoraAdapter> adapters = new ArrayList<>();
        try {
            files.forEach(file -> adapters.add(LoraAdapter.frozen(file.name(), file.stored(), base.store())));
            return new Attached<>(AdaptedModel.build(base.store(), adapters, architecture::build));
        } catch (RuntimeException e) {
            adapters.forEach(LoraAdapter::close);
            throw e;
        }
    }

    /// The model.
    public M model() {
        return adapted.model();
    }

    @Override
    public void close() {
        adapted.adapters().forEach(LoraAdapter::close);
    }
}
