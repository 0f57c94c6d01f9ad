package dev.lorikeet.models.method;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraPlus;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.nn.optim.ParameterGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A model with one adapter, which is trained.
final class TunedAdapter<M> implements Tuned<M> {
    private final AdaptedModel<M> adapted;
    private final LoraAdapter adapter;
    private final double plusRatio;

    private TunedAdapter(AdaptedModel<M> adapted, LoraAdapter adapter, double plusRatio) {
        this.adapted = adapted;
        this.adapter = adapter;
        this.plusRatio = plusRatio;
    }

    /// Builds the model; the adapter is freed if it does not fit.
    static <M> TunedAdapter<M> over(Tunable<M> model, LoraAdapter adapter, double plusRatio) {
        try {
            AdaptedModel<M> adapted =
                    AdaptedModel.build(model.store(), List.of(adapter), model.architecture()::build);
            return new TunedAdapter<>(adapted, adapter, plusRatio);
        } catch (RuntimeException e) {
            adapter.close();
            throw e;
        }
    }

    @Override
    public M model() {
        return adapted.model();
    }

    @Override
    public List<ParameterGroup> groups(double weightDecay) {
        return LoraPlus.groups(adapted.adapters(), weightDecay, plusRatio);
    }

    @Override
    public List<Trainable> trainables() {
        return adapted.trainables();
    }

    @Override
    public Optional<AdaptedModel<M>> adapted() {
        return Optional.of(adapted);
    }

    @Override
    public Path result(Path run) {
        return run.resolve("adapter");
    }

    @Override
    public void write(Path directory, Provenance of) {
        StoredAdapter.About about = new StoredAdapter.About(of.name(), of.taskType(), true);
        PeftFormat.write(directory, adapter.snapshot(about, trainables()));
    }

    @Override
    public void close() {
        adapter.close();
    }
}
