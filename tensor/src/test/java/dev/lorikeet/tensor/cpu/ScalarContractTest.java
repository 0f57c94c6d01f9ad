package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.KernelContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// The specification against itself: rows with gaps in F32 give what packed rows in F64 give.
final class ScalarContractTest {
    private static Backend scalar;

    @BeforeAll
    static void open() {
        scalar = new ScalarBackend();
    }

    @AfterAll
    static void close() {
        scalar.close();
    }

    @TestFactory
    Stream<DynamicNode> f32_agrees_with_f64() {
        return KernelContract.of(scalar, DType.F32);
    }
}
