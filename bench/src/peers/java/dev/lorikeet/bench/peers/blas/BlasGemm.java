package dev.lorikeet.bench.peers.blas;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.kernels.GemmContenders;
import dev.lorikeet.bench.kernels.GemmProblem;
import java.util.List;
import java.util.stream.Stream;

/// OpenBLAS, and MKL where it was preloaded.
public final class BlasGemm implements GemmContenders {
    private final List<Cblas> libraries =
            Stream.concat(Stream.of(Cblas.openBlas()), Cblas.mkl().stream()).toList();

    @Override
    public List<Contender> contenders(GemmProblem problem) {
        return libraries.stream()
                .map(library -> problem.contender(library.name(), () -> library.multiply(problem)))
                .toList();
    }
}
