package dev.lorikeet.lora;

/// A key of `adapter_config.json` with the value that switches a variant on.
///
/// @param key    `use_dora`
/// @param value  `true`, or a text
/// @param always whether PEFT writes the key also where it is off
public record PeftSetting(String key, Object value, boolean always) {}
