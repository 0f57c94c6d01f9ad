package dev.lorikeet.bench.gpu;

import java.nio.file.Path;
import java.util.List;

/// What all parts are told.
///
/// @param device   what is measured: `cuda:0`
/// @param size     how much is measured
/// @param modes    what products round their inputs to: `f32`, `tf32`, `bf16`
/// @param fixtures the folder of golden cases
/// @param peer     the folder of the peers' scripts
/// @param python   the Python that peers run in
public record PartSettings(String device, Size size, List<String> modes, Path fixtures, Path peer,
        String python) {
    public PartSettings {
        modes = List.copyOf(modes);
    }

    /// The device's name with a math mode.
    String deviceIn(String mode) {
        return mode.equals("f32") ? device : device + ":" + mode;
    }

    /// The same with the products of low-rank deltas by cuBLAS.
    String deviceWithCublas(String mode) {
        return deviceIn(mode) + ":cublas";
    }

    /// Whether it is a GPU: its kernels run for the host as well.
    boolean onGpu() {
        return device.startsWith("cuda:");
    }

    /// The same with every kernel launched by itself.
    String withoutGraphsIn(String mode) {
        return deviceIn(mode) + ":nographs";
    }

    /// Whether steps can become CUDA graphs there.
    boolean hasGraphs() {
        return device.startsWith("cuda");
    }

    /// The value for this size.
    <T> T of(T tiny, T quick, T full) {
        return switch (size) {
            case TINY -> tiny;
            case QUICK -> quick;
            case FULL -> full;
        };
    }
}
