package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Contender;
import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/// Others that multiply matrices, on the same memory: a service listed in
/// `META-INF/services/dev.lorikeet.bench.kernels.GemmContenders`.
public interface GemmContenders {
    /// Contenders for one product; each is made with [GemmProblem#contender], which checks it.
    List<Contender> contenders(GemmProblem problem);

    /// All peers of the class path.
    static List<GemmContenders> all() {
        return ServiceLoader.load(GemmContenders.class).stream().map(Provider::get).toList();
    }
}
