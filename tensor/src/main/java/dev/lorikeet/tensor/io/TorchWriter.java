package dev.lorikeet.tensor.io;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Writes checkpoints that `torch.load` reads (also with `weights_only=True`): the zip format of PyTorch 1.6 and later.
/// Every tensor has a storage of its own.
///
/// For exchange with loralib and old scripts; safetensors is the better format for everything else.
public final class TorchWriter {
    private static final byte[] VERSION = "3\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BYTE_ORDER = "little".getBytes(StandardCharsets.US_ASCII);

    private TorchWriter() {}

    /// Writes an `OrderedDict` of tensors, which is what `torch.save(model.state_dict(), file)` leaves.
    ///
    /// @param tensors in the order of the dict
    /// @throws IllegalArgumentException     for a repeated name or one that is not Unicode text
    /// @throws java.io.UncheckedIOException if the file cannot be written; see [AtomicFile]
    public static void write(Path file, Collection<TensorSource> tensors) {
        List<TensorSource> ordered = checked(file, tensors);
        write(file, PickleWriter.stateDict(ordered), ordered);
    }

    /// Writes `{key: {name: tensor, …}}`, as loralib's GPT-2 example does with the key `model_state_dict`.
    ///
    /// @param key     under which readers look for the tensors
    /// @param tensors in the order of the dict
    /// @throws IllegalArgumentException     for a repeated name or one that is not Unicode text
    /// @throws java.io.UncheckedIOException if the file cannot be written; see [AtomicFile]
    public static void writeNested(Path file, String key, Collection<TensorSource> tensors) {
        List<TensorSource> ordered = checked(file, tensors);
        write(file, PickleWriter.nested(key, ordered), ordered);
    }

    private static void write(Path file, byte[] pickle, List<TensorSource> tensors) {
        try (AtomicFile out = AtomicFile.create(file)) {
            StoredZipWriter zip = new StoredZipWriter(out);
            zip.add("archive/data.pkl", pickle);
            zip.add("archive/byteorder", BYTE_ORDER);
            TensorStream stream = new TensorStream();
            for (int i = 0; i < tensors.size(); i++) {
                TensorSource tensor = tensors.get(i);
                zip.add("archive/data/" + i, tensor.bytes(), sink -> stream.forEachPiece(tensor, sink));
            }
            zip.add("archive/version", VERSION);
            zip.finish();
            out.commit();
        }
    }

    private static List<TensorSource> checked(Path file, Collection<TensorSource> tensors) {
        Set<String> names = new HashSet<>();
        for (TensorSource tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException(
                        "cannot write %s: the tensor name '%s' is used twice".formatted(file, tensor.name()));
            }
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(tensor.name())) {
                throw new IllegalArgumentException("not Unicode text: " + FormatException.quote(tensor.name()));
            }
        }
        return List.copyOf(tensors);
    }
}
