package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Linear;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A kind of low-rank update: what it has beside A and B, and what follows from that, from the configuration to the
/// file. Everything that depends on the variant stands in the variant's own file; everybody else asks this interface.
///
/// A new variant is such a file, its name here, and an option of the command line. What it does as plain LoRA does it
/// need not say.
public sealed interface Variant permits Plain, Dora, OutputBias, Pissa {
    /// All of them, plain LoRA first.
    static List<Variant> all() {
        return List.of(new Plain(), new Dora(), new OutputBias(), new Pissa());
    }

    /// For people: `DoRA: direction and magnitude`; empty for plain LoRA.
    String title();

    /// What says in PEFT's `adapter_config.json` that an adapter is of this variant; empty for plain LoRA.
    Optional<PeftSetting> setting();

    /// What PEFT's files call its tensors beside A and B, each a vector with a number per output: `lora_B.bias`.
    default List<String> tensors() {
        return List.of();
    }

    /// What to tell who reads such an adapter from a file.
    default List<String> notes() {
        return List.of();
    }

    /// @throws IllegalArgumentException if there is no such update of some target
    default void check(Targets targets) {}

    /// A new update that is complete.
    ///
    /// @param plain with new A and B
    /// @throws IllegalArgumentException if there is no such update of this site
    default LoraDelta fresh(FreshParts parts, LoraDelta plain) {
        return plain;
    }

    /// An update from a file that is complete.
    ///
    /// @param plain with the file's A and B
    default LoraDelta loaded(StoredParts parts, LoraDelta plain) {
        return plain;
    }

    /// The configuration under which updates are written; see [Extra#stored].
    ///
    /// @param paths of the updates
    default LoraConfig stored(LoraConfig config, Collection<String> paths) {
        return config;
    }

    /// Why such an adapter cannot be added to others as a file; empty if it can.
    default Optional<String> notCombinable() {
        return Optional.empty();
    }

    /// What one update has beside A and B in device memory.
    interface Extra {
        /// Nothing.
        Extra NONE = new Extra() {};

        /// What it trains, or would if the adapter were not frozen, by the name that PEFT's files give it.
        default SortedMap<String, Weight> weights() {
            return new TreeMap<>();
        }

        /// Device memory of the adapter that is no weight.
        default List<Tensor> constants() {
            return List.of();
        }

        /// All that is added to the projection because of this update, itself first.
        default List<LoraDelta> updates(LoraDelta self) {
            return List.of(self);
        }

        /// What is added, times the update's scale, to the projection's bias.
        default Optional<Weight> outputBias() {
            return Optional.empty();
        }

        /// Why it has to be the only update of its module; empty if it can be added to others.
        default Optional<String> alone() {
            return Optional.empty();
        }

        /// The projection with this as its only update, if that is more than a sum.
        default Optional<AdaptedProjection> project(String path, Linear base, LoraDelta self) {
            return Optional.empty();
        }

        /// What becomes of looked-up rows to which the update has been added.
        default Activation ofTable(Tape tape, Activation rows, LoraDelta self, Weight table) {
            return rows;
        }

        /// What each output channel of the merged sum `base + delta` is multiplied by.
        default ChannelFactors factors(Backend backend, StoredTensor base, StoredTensor delta, WeightOrder order) {
            return ChannelFactors.ones();
        }

        /// Whether the update is a difference of large numbers, of which the smallest share of the weight is rounding.
        default boolean cancels() {
            return false;
        }

        /// The update as a file holds it.
        ///
        /// @param plain A and B in host memory
        default StoredDelta stored(Backend backend, StoredDelta plain) {
            SortedMap<String, StoredTensor> extras = new TreeMap<>();
            weights().forEach((name, weight) -> extras.put(name, StoredTensor.copyOf(backend, weight.value())));
            return plain.with(extras);
        }
    }
}
