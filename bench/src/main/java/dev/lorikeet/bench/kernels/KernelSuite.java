package dev.lorikeet.bench.kernels;

import dev.lorikeet.bench.compare.Comparison;
import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.compare.Suite;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.ArrayList;
import java.util.List;

/// What stands between the matrix products of a training step, at the sizes of GPT-2 small with 1024 tokens.
public final class KernelSuite implements Suite {
    private static final double TOLERANCE = 1e-4;

    @Override
    public String name() {
        return "kernels";
    }

    @Override
    public String about() {
        return "what stands between the matrix products of a training step, at the sizes of GPT-2 small";
    }

    @Override
    public List<Comparison> comparisons() {
        return cases().stream()
                .map(one -> new Comparison(one.name(), one.work(),
                        one.name().startsWith("dropout") ? 1 : TOLERANCE, () -> contest(one)))
                .toList();
    }

    static List<KernelCase> cases() {
        return List.of(
                KernelCase.gelu(1024, 3072), KernelCase.geluBackward(1024, 3072), KernelCase.softmax(12288, 1024),
                KernelCase.layerNorm(1024, 768), KernelCase.layerNormBackward(1024, 768),
                KernelCase.dropout(1024, 768), KernelCase.adam(192, 768), KernelCase.adam(3072, 768),
                KernelCase.crossEntropy(1024, 50257), KernelCase.head(1024, 768, 50257),
                KernelCase.attention(8, 128, 12, 64), KernelCase.attention(2, 512, 12, 64),
                KernelCase.attention(1, 1024, 12, 64),
                KernelCase.attentionBoth(8, 128, 12, 64), KernelCase.attentionBoth(2, 512, 12, 64),
                KernelCase.attentionBoth(1, 1024, 12, 64));
    }

    /// The case of that name.
    ///
    /// @throws IllegalArgumentException if there is none
    static KernelCase named(String name) {
        return cases().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kernel is called '%s'; there are %s".formatted(
                        name, cases().stream().map(KernelCase::name).toList())));
    }

    private static Contest contest(KernelCase one) {
        Backend backend = Backends.open("cpu");
        Kernel kernel = one.create().apply(backend);
        List<Contender> contenders = new ArrayList<>();
        contenders.add(ours(backend, kernel));
        KernelContenders.all().forEach(peer -> peer.contender(kernel).ifPresent(contenders::add));
        return new Contest(contenders, List.of(backend));
    }

    static Contender ours(Backend backend, Kernel kernel) {
        return Contender.of("lorikeet", () -> {
            kernel.run(backend.kernels());
            return Kernel.probe(kernel.result());
        });
    }
}
