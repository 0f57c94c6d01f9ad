package dev.lorikeet.models.roberta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.SharedData;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.DryRunBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Adapters that people have trained on roberta-base find their places in it, heads included.
class RealAdaptersTest {
    private static void fits(StoredAdapter stored, int labels, int head) {
        WeightStore store = new WeightStore(new DryRunBackend(), WeightSource.random(0), DType.F32);
        RobertaConfig config = RobertaConfig.published("roberta-base").with(List.of(stored));
        try (LoraAdapter adapter = LoraAdapter.frozen("default", stored, store)) {
            AdaptedModel<RobertaClassifier> adapted =
                    AdaptedModel.build(store, List.of(adapter), config.classifier()::build);

            assertThat(adapted.model().labels()).isEqualTo(labels);
            assertThat(adapter.deltas()).hasSize(2 * 12).allSatisfy(delta -> assertThat(delta.scale()).isEqualTo(2));
            assertThat(adapter.parameterCount()).isEqualTo(294_912 + head);
        }
    }

    @Test
    void the_papers_adapter_for_mnli() {
        Path file = SharedData.require("lora-mnli-adapter/roberta_base_lora_mnli.bin");

        fits(AdapterFiles.open(file, LoralibOptions.alpha(16)), 3, 592_899);
    }

    @Test
    void an_adapter_of_peft_for_mrpc_which_is_also_written_byte_for_byte(@TempDir Path temp) throws IOException {
        Path directory = SharedData.require("peft-adapters/roberta-mrpc-r8-safetensors");
        StoredAdapter stored = AdapterFiles.open(directory);

        fits(stored, 2, 592_130);
        PeftFormat.write(temp, stored);

        assertThat(Files.mismatch(
                directory.resolve("adapter_model.safetensors"), temp.resolve("adapter_model.safetensors")))
                .isEqualTo(-1);
    }
}
