package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.BackendProvider;
import java.util.Locale;
import java.util.Optional;

/// The kernels of a GPU on the host as a device that can be opened by name, so that whole models run through them
/// without a GPU: `cuda-on-host`, or `cuda-on-host:bf16` for another [MathMode].
public final class HostProvider implements BackendProvider {
    @Override
    public String kind() {
        return "cuda-on-host";
    }

    @Override
    public Optional<String> refusal() {
        return HostCompiler.available("g++") ? Optional.empty() : Optional.of("no g++ was found on the PATH");
    }

    @Override
    public Backend open(String argument) {
        MathMode mode = argument.isEmpty() ? MathMode.F32 : MathMode.valueOf(argument.toUpperCase(Locale.ROOT));
        return HostDevice.open(HostCompiler.library(), mode);
    }

    /// How often a backend that was opened here has launched a graph in place of its kernels.
    public static long graphLaunches(Backend backend) {
        return ((CudaBackend) backend).graphLaunches();
    }
}
