package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.SafetensorsFile;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorInfo;
import dev.lorikeet.tensor.io.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a killed run continues from, in one safetensors file that is replaced atomically: every trainable weight
/// (`weight/<name>`), the optimizer's moments, and as metadata the step, the best score on held-out data and a
/// fingerprint of the settings. Random numbers and the place in the data follow from the step, so nothing else is
/// needed to go on bit for bit.
///
/// @param step      steps made
/// @param bestStep  step of the best evaluation, 0 if there was none
/// @param bestScore its score, −∞ if there was none
public record TrainingState(long step, long bestStep, double bestScore) {
    private static final String FINGERPRINT = "settings";

    /// Before the first step.
    public static TrainingState start() {
        return new TrainingState(0, 0, Double.NEGATIVE_INFINITY);
    }

    /// Writes the file.
    ///
    /// @param settings everything that must be equal for a resumed run to make sense
    /// @throws NonFiniteLossException if a weight is not finite; the old file stays
    public void write(Path file, Backend backend, Optimizer optimizer, String settings) {
        for (Trainable weight : optimizer.weights()) {
            double sum = backend.kernels().sumOfSquares(weight.value());
            if (!Double.isFinite(sum)) {
                throw new NonFiniteLossException(step, weight.name(), sum);
            }
        }
        List<TensorSource> tensors = new ArrayList<>();
        tensors(optimizer).forEach((name, tensor) -> tensors.add(TensorSource.of(name, tensor, backend)));
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("step", Long.toString(step));
        metadata.put("best_step", Long.toString(bestStep));
        metadata.put("best_score", Double.toString(bestScore));
        metadata.put(FINGERPRINT, settings);
        SafetensorsWriter.write(file, tensors, metadata);
    }

    /// Reads the file into the weights and the optimizer.
    ///
    /// @throws FormatException if it is damaged, has other tensors, or was written with other settings
    public static TrainingState read(Path file, Backend backend, Optimizer optimizer, String settings) {
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            Map<String, String> metadata = checkpoint.metadata();
            if (!settings.equals(metadata.get(FINGERPRINT))) {
                throw new FormatException(
                        file, null, "settings " + settings, "settings " + metadata.get(FINGERPRINT),
                        "resume with the choices of the first run, or start anew in another directory");
            }
            Map<String, Tensor> wanted = tensors(optimizer);
            if (!wanted.keySet().equals(checkpoint.names())) {
                throw new FormatException(
                        file, null, wanted.size() + " tensors " + wanted.keySet(), checkpoint.names().toString(),
                        "resume with the choices of the first run");
            }
            wanted.forEach((name, tensor) -> {
                TensorInfo info = checkpoint.info(name);
                if (!info.shape().equals(tensor.shape()) || info.dtype() != tensor.dtype()) {
                    throw new FormatException(
                            file, name, tensor.toString(), info.dtype() + " " + info.shape(),
                            "resume with the choices of the first run");
                }
                backend.upload(tensor, checkpoint.bytes(name));
            });
            TrainingState state = counters(file, metadata);
            optimizer.restore(state.step());
            return state;
        }
    }

    private static TrainingState counters(Path file, Map<String, String> metadata) {
        try {
            return new TrainingState(Long.parseUnsignedLong(metadata.getOrDefault("step", "")),
                    Long.parseUnsignedLong(metadata.getOrDefault("best_step", "")),
                    Double.parseDouble(metadata.getOrDefault("best_score", "")));
        } catch (NumberFormatException e) {
            throw new FormatException(
                    file, null, "numbers as metadata step, best_step and best_score", metadata.toString(),
                    "The file is damaged: start anew in another directory.");
        }
    }

    private static Map<String, Tensor> tensors(Optimizer optimizer) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        optimizer.weights().forEach(weight -> tensors.put("weight/" + weight.name(), weight.value()));
        tensors.putAll(optimizer.state());
        return tensors;
    }
}
