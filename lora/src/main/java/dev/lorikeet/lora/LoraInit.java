package dev.lorikeet.lora;

import dev.lorikeet.nn.Initializer;

/// What a new A and B hold: PEFT's `init_lora_weights`.
public enum LoraInit {
    /// A uniform in ±1/√in (Kaiming with a = √5), B 0: loralib's and PEFT's default (`true`).
    DEFAULT,
    /// A normal with deviation 1/r, B 0 (`"gaussian"`).
    GAUSSIAN,
    /// A uniform in ±1/√in, B uniform in ±1/√r: an update that is not 0 from the start, for tests (`false`).
    RANDOM;

    Initializer forA(int in, int r) {
        return this == GAUSSIAN ? Initializer.normal(1.0 / r) : Initializer.kaimingUniform(in);
    }

    Initializer forB(int r) {
        return this == RANDOM ? Initializer.kaimingUniform(r) : Initializer.zeros();
    }

    /// For an embedding table the roles are exchanged: A starts as 0, B is normal.
    Initializer forTableA() {
        return this == RANDOM ? Initializer.normal(1) : Initializer.zeros();
    }

    Initializer forTableB() {
        return Initializer.normal(1);
    }
}
