package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Contender;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/// Others that compute what a [Kernel] does: a service listed in
/// `META-INF/services/dev.lorikeet.bench.kernels.KernelContenders`.
public interface KernelContenders {
    /// A contender that returns [Kernel#probe] of its own result; empty if this peer cannot do it.
    Optional<Contender> contender(Kernel kernel);

    /// All peers of the class path.
    static List<KernelContenders> all() {
        return ServiceLoader.load(KernelContenders.class).stream().map(Provider::get).toList();
    }
}
