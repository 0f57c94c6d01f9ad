package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.KernelContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// The fast kernels against the specification, and against themselves with another number of threads.
final class CpuContractTest {
    private static Backend one;
    private static Backend three;

    @BeforeAll
    static void open() {
        one = Backends.open("cpu:1");
        three = Backends.open("cpu:3");
    }

    @AfterAll
    static void close() {
        one.close();
        three.close();
    }

    @TestFactory
    Stream<DynamicNode> f32_agrees_with_the_specification() {
        return KernelContract.of(three, DType.F32);
    }

    @TestFactory
    Stream<DynamicNode> the_number_of_threads_changes_no_bit() {
        return KernelContract.identical(three, one, DType.F32);
    }
}
