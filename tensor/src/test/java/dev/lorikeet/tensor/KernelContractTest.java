package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;

/// Nothing may be added to [Kernels] without being pinned down.
final class KernelContractTest {
    @Test
    void every_kernel_has_checks_under_its_name() {
        List<String> kernels = Arrays.stream(Kernels.class.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName)
                .distinct()
                .toList();
        try (Backend scalar = new ScalarBackend(); Stream<DynamicNode> checks = KernelContract.of(scalar, DType.F32)) {
            assertThat(checks.filter(node -> ((DynamicContainer) node).getChildren().findAny().isPresent())
                    .map(DynamicNode::getDisplayName))
                    .containsExactlyInAnyOrderElementsOf(kernels);
        }
    }
}
