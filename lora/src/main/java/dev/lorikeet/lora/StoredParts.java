package dev.lorikeet.lora;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Makes the weights of one update from what a file holds.
///
/// @param names     what they are called
/// @param stored    the file's
/// @param key       what the file calls the module
/// @param store     the base's weights
/// @param trainable whether they train on
/// @param site      where the update goes
record StoredParts(WeightNames names, StoredAdapter stored, String key, WeightStore store, boolean trainable,
        Site site) {
    /// A weight beside A and B.
    ///
    /// @param tensor one of [Variant#tensors]
    /// @throws AdapterMismatch if it has another shape
    Weight beside(String tensor, Shape shape) {
        StoredTensor found = stored.deltas().get(key).extras().get(tensor);
        requireShape(key + "." + tensor, shape, found.shape());
        return weight(names.beside(site.path(), tensor), found);
    }

    Weight weight(String name, StoredTensor tensor) {
        Tensor value = tensor.to(store.backend(), store.compute());
        return trainable ? Trainable.of(store.backend(), name, value) : new Frozen(name, value);
    }

    void requireShape(String tensor, Shape expected, Shape found) {
        if (!expected.equals(found)) {
            String base = stored.about().baseModel();
            throw new AdapterMismatch(
                    "adapter '%s' was made for another base model%s: tensor '%s' has shape %s, %s %s".formatted(
                            names.adapter(), base == null ? "" : " (" + base + ")", tensor, found,
                            "this model and the adapter's rank need", expected));
        }
    }
}
