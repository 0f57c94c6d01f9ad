package dev.lorikeet.models.cli;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;

/// The classification head that an adapter brings.
///
/// @param adapter the adapter
record RobertaHead(StoredAdapter adapter) {
    /// Path of the head in the model.
    static final String MODULE = "classifier";

    /// Its number of classes; 0 if the adapter brings none.
    int classes() {
        StoredTensor last = adapter.saved().get(MODULE + ".out_proj.weight");
        return last == null ? 0 : last.shape().dim(0);
    }
}
