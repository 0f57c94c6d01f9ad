package dev.lorikeet.models.verify.golden;

import dev.lorikeet.tensor.HalfPrecision;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The tensor files of a case, opened when first needed.
public final class GoldenFiles implements AutoCloseable {
    private final Path directory;
    private final Map<String, Checkpoint> open = new HashMap<>();

    public GoldenFiles(Path directory) {
        this.directory = directory;
    }

    /// @throws CaseException if the file is missing, or what is in it is not what the manifest says
    public Golden read(TensorEntry entry) {
        Path file = directory.resolve(entry.file());
        if (!Files.isRegularFile(file)) {
            throw new CaseException(file, "is not there", "the manifest says that it holds '" + entry.name() + "'");
        }
        Checkpoint checkpoint = open.computeIfAbsent(entry.file(), _ -> Checkpoint.open(file));
        TensorInfo info = checkpoint.info(entry.name());
        if (!info.shape().equals(entry.shape()) || !info.dtype().name().equals(entry.dtype())) {
            throw new CaseException(
                    file, "tensor '%s' is %s %s, the manifest says %s %s".formatted(
                            entry.name(), info.dtype(), info.shape(), entry.dtype(), entry.shape()),
                    "file and manifest are not of one case");
        }
        return new Golden(entry, doubles(checkpoint, info));
    }

    /// The elements of any tensor of a file.
    public static double[] doubles(Checkpoint checkpoint, TensorInfo info) {
        MemorySegment bytes = checkpoint.bytes(info.name());
        double[] values = new double[Math.toIntExact(info.shape().size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (info.dtype()) {
                case F64 -> bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i);
                case F32 -> bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
                case BF16 -> HalfPrecision.fromBf16(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
                case F16 -> HalfPrecision.fromF16(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
                case I64 -> bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i);
                case I32 -> bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
                case I16 -> bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i);
                case I8 -> bytes.get(ValueLayout.JAVA_BYTE, i);
                case U8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            };
        }
        return values;
    }

    @Override
    public void close() {
        open.values().forEach(Checkpoint::close);
        open.clear();
    }
}
