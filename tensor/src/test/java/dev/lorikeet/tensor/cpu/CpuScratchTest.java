package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.*;
import java.util.stream.Stream;
import org.junit.jupiter.api.*;

final class CpuScratchTest {
    @TestFactory
    Stream<DynamicNode> f32() {
        return KernelContract.of(Backends.open("cpu:2"), DType.F32);
    }
    @TestFactory
    Stream<DynamicNode> same() {
        return KernelContract.identical(Backends.open("cpu:1"), Backends.open("cpu:3"), DType.F32);
    }
}
