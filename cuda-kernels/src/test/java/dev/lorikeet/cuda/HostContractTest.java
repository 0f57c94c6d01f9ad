package dev.lorikeet.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.KernelContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// The `.cu` sources, compiled for the host, against the specification.
final class HostContractTest {
    private static Backend host;

    @BeforeEach
    void compile() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
        host = HostDevice.open(HostCompiler.library(), MathMode.F32);
    }

    @AfterAll
    static void close() {
        if (host != null) {
            host.close();
        }
    }

    @TestFactory
    Stream<DynamicNode> f32_agrees_with_the_specification() {
        return KernelContract.of(host, DType.F32);
    }
}
