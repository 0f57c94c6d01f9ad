package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.BackendProvider;
import dev.lorikeet.tensor.BackendUnavailable;
import java.util.Optional;

/// Announces [CpuBackend] as `cpu`, with one thread per processor, or `cpu:N`, with `N` threads.
public final class CpuProvider implements BackendProvider {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Override
    public String kind() {
        return "cpu";
    }

    /// Asks for the module by name: touching a vector class without it would fail with a linkage error.
    @Override
    public Optional<String> refusal() {
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent()
                ? Optional.empty()
                : Optional.of("java was started without --add-modules " + VECTOR_MODULE);
    }

    @Override
    public Backend open(String argument) {
        if (argument.isEmpty()) {
            return new CpuBackend(Runtime.getRuntime().availableProcessors());
        }
        try {
            int threads = Integer.parseInt(argument);
            if (threads >= 1) {
                return new CpuBackend(threads);
            }
        } catch (NumberFormatException e) {
            throw refused(argument, e);
        }
        throw refused(argument, null);
    }

    private static BackendUnavailable refused(String argument, Throwable cause) {
        return new BackendUnavailable(
                "backend 'cpu:N' takes a number of threads from 1 on, found 'cpu:%s'".formatted(argument), cause);
    }
}
