package dev.lorikeet.lora;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.io.SafetensorsFile;
import dev.lorikeet.tensor.io.TensorInfo;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Golden files among the test resources, and real ones beside the checkout.
public final class Fixtures {
    private Fixtures() {}

    /// A file or directory of the test resources.
    public static Path resource(String name) {
        try {
            return Path.of(Fixtures.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// All tensors of a safetensors file.
    public static Map<String, StoredTensor> tensors(Path file) {
        Map<String, StoredTensor> tensors = new TreeMap<>();
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            for (TensorInfo info : opened.infos()) {
                tensors.put(info.name(), StoredTensor.copyOf(info.dtype(), info.shape(), opened.bytes(info.name())));
            }
        }
        return tensors;
    }

    /// A real file beside the checkout (`../shared/data`), or the end of the test.
    public static Path shared(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && !Files.isDirectory(root.resolve("shared/data"))) {
            root = root.getParent();
        }
        Path file = root.resolve("shared/data").resolve(name);
        assumeTrue(Files.exists(file), "skipped: needs ../shared/data/" + name + ", which is not here");
        return file;
    }
}
