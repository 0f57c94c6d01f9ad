package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.BackendProvider;
import java.util.Optional;

/// An [IdleDevice] that can be opened by name, as a GPU is: `cuda-idle`, `cuda-idle:0:bf16:nographs`.
public final class IdleProvider implements BackendProvider {
    @Override
    public String kind() {
        return "cuda-idle";
    }

    @Override
    public Optional<String> refusal() {
        return Optional.empty();
    }

    @Override
    public Backend open(String argument) {
        CudaProvider.Choice choice = CudaProvider.Choice.of(argument);
        return IdleDevice.open(choice.mode(), choice.graphs());
    }
}
