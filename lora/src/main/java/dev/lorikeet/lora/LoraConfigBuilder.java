package dev.lorikeet.lora;

import java.util.List;
import java.util.Map;

/// Makes a [LoraConfig] component by component. Nothing is checked before [#build].
public final class LoraConfigBuilder {
    private int rank = 8;
    private double alpha = 8;
    private double dropout;
    private boolean rsLora;
    private Targets targets = Targets.none();
    private Targets exclude = Targets.none();
    private LayerSubset layers = LayerSubset.all();
    private Map<String, Integer> rankPattern = Map.of();
    private Map<String, Double> alphaPattern = Map.of();
    private List<String> modulesToSave = List.of();
    private LoraInit init = LoraInit.DEFAULT;
    private Variant variant = new Plain();
    private BiasMode bias = BiasMode.NONE;

    LoraConfigBuilder() {}

    LoraConfigBuilder(LoraConfig config) {
        rank = config.rank();
        alpha = config.alpha();
        dropout = config.dropout();
        rsLora = config.rsLora();
        targets = config.targets();
        exclude = config.exclude();
        layers = config.layers();
        rankPattern = config.rankPattern();
        alphaPattern = config.alphaPattern();
        modulesToSave = config.modulesToSave();
        init = config.init();
        variant = config.variant();
        bias = config.bias();
    }

    public LoraConfigBuilder rank(int value) {
        rank = value;
        return this;
    }

    public LoraConfigBuilder alpha(double value) {
        alpha = value;
        return this;
    }

    public LoraConfigBuilder dropout(double value) {
        dropout = value;
        return this;
    }

    public LoraConfigBuilder rsLora(boolean value) {
        rsLora = value;
        return this;
    }

    public LoraConfigBuilder targets(Targets value) {
        targets = value;
        return this;
    }

    public LoraConfigBuilder exclude(Targets value) {
        exclude = value;
        return this;
    }

    public LoraConfigBuilder layers(LayerSubset value) {
        layers = value;
        return this;
    }

    public LoraConfigBuilder rankPattern(Map<String, Integer> value) {
        rankPattern = value;
        return this;
    }

    public LoraConfigBuilder alphaPattern(Map<String, Double> value) {
        alphaPattern = value;
        return this;
    }

    public LoraConfigBuilder modulesToSave(List<String> value) {
        modulesToSave = value;
        return this;
    }

    public LoraConfigBuilder init(LoraInit value) {
        init = value;
        return this;
    }

    public LoraConfigBuilder variant(Variant value) {
        variant = value;
        return this;
    }

    public LoraConfigBuilder bias(BiasMode value) {
        bias = value;
        return this;
    }

    /// The configuration.
    ///
    /// @throws IllegalArgumentException saying which component makes no sense
    public LoraConfig build() {
        return new LoraConfig(
                rank, alpha, dropout, rsLora, targets, exclude, layers, rankPattern, alphaPattern, modulesToSave, init,
                variant, bias);
    }
}
