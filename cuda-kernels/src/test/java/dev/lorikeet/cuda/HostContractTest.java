package dev.lorikeet.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.KernelContract;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// The `.cu` sources, compiled for the host, against the specification.
final class HostContractTest {
    private static final Map<MathMode, Backend> OPEN = new EnumMap<>(MathMode.class);

    @BeforeEach
    void compile() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
    }

    private static Backend host(MathMode mode) {
        return OPEN.computeIfAbsent(mode, m -> HostDevice.open(HostCompiler.library(), m));
    }

    @AfterAll
    static void close() {
        OPEN.values().forEach(Backend::close);
        OPEN.clear();
    }

    @TestFactory
    Stream<DynamicNode> f32_agrees_with_the_specification() {
        return KernelContract.of(host(MathMode.F32), DType.F32);
    }

    @TestFactory
    Stream<DynamicNode> tf32_agrees_with_the_specification() {
        return KernelContract.ofRoundedProducts(host(MathMode.TF32), 0x1p-11);
    }

    @TestFactory
    Stream<DynamicNode> bf16_agrees_with_the_specification() {
        return KernelContract.ofRoundedProducts(host(MathMode.BF16), 0x1p-8);
    }
}
