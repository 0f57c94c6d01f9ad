package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import java.util.function.Function;

/// A call of a kernel on operands of its own, at some size, to be measured against what limits it.
///
/// @param name     what and how large
/// @param work     operations and bytes of one call
/// @param products whether its operations are products, whose inputs a math mode may round
/// @param create   allocates and fills operands; the call that is returned may be repeated
public record KernelRow(String name, Work work, boolean products, Function<Backend, Runnable> create) {
    /// What is asked of the kernels.
    interface Call {
        void on(Kernels kernels);
    }

    static KernelRow of(KernelCase one, boolean products) {
        return made(one.name(), one.work(), products, backend -> one.create().apply(backend)::run);
    }

    static KernelRow made(String name, Work work, boolean products, Function<Backend, Call> create) {
        return new KernelRow(name, work, products, backend -> {
            Call call = create.apply(backend);
            return () -> call.on(backend.kernels());
        });
    }
}
