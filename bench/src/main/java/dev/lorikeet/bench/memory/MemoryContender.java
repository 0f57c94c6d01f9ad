package dev.lorikeet.bench.memory;

import dev.lorikeet.models.ModelConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/// Someone whose training step takes memory: ours, or a peer's listed in
/// `META-INF/services/dev.lorikeet.bench.memory.MemoryContender`.
public interface MemoryContender {
    /// `lorikeet`, `libtorch`.
    String name();

    /// Builds the model with random weights and makes LoRA steps, as [dev.lorikeet.bench.steps.MeasuredStep] has them.
    ///
    /// @param lengths tokens of each sequence
    /// @param count   number of steps
    /// @return the last loss
    double steps(ModelConfig config, int[] lengths, int count);

    /// Ours, then the peers of the class path by name.
    static List<MemoryContender> all() {
        List<MemoryContender> all = new ArrayList<>(List.of(new OurSteps()));
        ServiceLoader.load(MemoryContender.class).stream()
                .map(Provider::get)
                .sorted(Comparator.comparing(MemoryContender::name))
                .forEach(all::add);
        return all;
    }
}
