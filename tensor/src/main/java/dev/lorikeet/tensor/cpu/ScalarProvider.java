package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.BackendProvider;
import dev.lorikeet.tensor.BackendUnavailable;
import java.util.Optional;

/// Announces [ScalarBackend] as `scalar`.
public final class ScalarProvider implements BackendProvider {
    @Override
    public String kind() {
        return "scalar";
    }

    @Override
    public Optional<String> refusal() {
        return Optional.empty();
    }

    @Override
    public Backend open(String argument) {
        if (!argument.isEmpty()) {
            throw new BackendUnavailable("backend 'scalar' takes no argument, found 'scalar:%s'".formatted(argument));
        }
        return new ScalarBackend();
    }
}
