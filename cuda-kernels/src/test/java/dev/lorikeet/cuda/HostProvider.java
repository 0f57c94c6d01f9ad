package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.BackendProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The kernels of a GPU on the host as a device that can be opened by name, so that whole models run through them
/// without a GPU: `cuda-on-host`, or `cuda-on-host:bf16` for another [MathMode], with `:nographs` as the real one.
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
        CudaProvider.Choice choice = CudaProvider.Choice.of(argument.isEmpty() ? "" : "0:" + argument);
        return HostDevice.open(HostCompiler.library(), choice.mode(), choice.graphs());
    }

    /// Every kernel of the `.cu` sources; those that come for several head sizes and inputs without these.
    public static Set<String> kernels() {
        try {
            return HostCompiler.entries().stream().map(HostProvider::family)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Those of [#kernels] that `work` starts.
    public static Set<String> startedBy(String mode, Consumer<Backend> work) {
        return startedBy(mode, new HostDevice(HostCompiler.library()), work);
    }

    /// The same on a device whose blocks have no more shared memory.
    public static Set<String> startedBy(String mode, int sharedBytes, Consumer<Backend> work) {
        return startedBy(mode, new HostDevice(HostCompiler.library(), Long.MAX_VALUE, sharedBytes), work);
    }

    private static Set<String> startedBy(String mode, HostDevice device, Consumer<Backend> work) {
        try (Backend backend = device.open(MathMode.valueOf(mode.toUpperCase(Locale.ROOT)), true)) {
            work.accept(backend);
        }
        return device.started().stream().map(kernel -> family(kernel.entry()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String family(String entry) {
        return entry.replaceFirst("_(Bf16|Tf32)_[0-9]+$", "_$1");
    }

    /// How often a backend that was opened here has launched a graph in place of its kernels.
    public static long graphLaunches(Backend backend) {
        return ((CudaBackend) backend).graphLaunches();
    }
}
