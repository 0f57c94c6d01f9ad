package dev.lorikeet.nn;

import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;
import java.nio.charset.StandardCharsets;

/// How a new weight gets its first content.
@FunctionalInterface
public interface Initializer {
    void fill(Kernels kernels, Tensor weight, RandomKey key);

    /// All 0.
    static Initializer zeros() {
        return (kernels, weight, _) -> kernels.fill(weight, 0);
    }

    /// All 1.
    static Initializer ones() {
        return (kernels, weight, _) -> kernels.fill(weight, 1);
    }

    /// Normally distributed with mean 0.
    static Initializer normal(double deviation) {
        return (kernels, weight, key) -> kernels.normal(weight, 0, deviation, key);
    }

    /// Uniform in (−limit, limit].
    static Initializer uniform(double limit) {
        return (kernels, weight, key) -> kernels.uniform(weight, -limit, limit, key);
    }

    /// Kaiming's uniform initialisation with `a = √5` for a matrix with `fanIn` inputs: uniform in ±1/√fanIn. It is
    /// what loralib and PEFT give to LoRA's A.
    static Initializer kaimingUniform(int fanIn) {
        return uniform(1 / Math.sqrt(fanIn));
    }

    /// The random stream of the weight called `path`: the same whatever is initialised before it (FNV-1a, 64 bit).
    static RandomKey key(long seed, String path) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return new RandomKey(seed, hash);
    }
}
