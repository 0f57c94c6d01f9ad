package dev.lorikeet.lora;

import java.util.Optional;

/// LoRA as its paper has it: nothing beside A and B.
public record Plain() implements Variant {
    @Override
    public String title() {
        return "";
    }

    @Override
    public Optional<PeftSetting> setting() {
        return Optional.empty();
    }
}
