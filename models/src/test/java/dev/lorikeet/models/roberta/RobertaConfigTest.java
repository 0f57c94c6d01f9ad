package dev.lorikeet.models.roberta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.base.ModelFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RobertaConfigTest {
    @TempDir
    private Path scratch;

    private Path file(String json) throws IOException {
        return Files.writeString(scratch.resolve("config.json"), json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'hidden_size': 'wide'}                                | hidden_size is \"wide\"",
        "{'hidden_size': 30, 'num_attention_heads': 4}   | hidden_size must be a multiple of num_attention_heads",
        "{'num_hidden_layers': 0}                               | num_hidden_layers must be >= 1, was 0",
        "{'hidden_act': 'gegelu'}                               | hidden_act is \"gegelu\"",
        "{'hidden_dropout_prob': 1.5}                           | hidden_dropout_prob is 1.5",
        "{'position_embedding_type': 'relative_key'}            | position_embedding_type is \"relative_key\"",
        "{'is_decoder': true}                                   | is_decoder is true",
        "{'problem_type': 'multi_label_classification'}         | problem_type is 'multi_label_classification'",
        "{'problem_type': 'regression', 'num_labels': 3}        | problem_type is 'regression' with 3 labels",
        "{'id2label': {'0': 'a', '2': 'b'}}                     | id2label is",
        "{'pad_token_id': 600}                                  | pad_token_id must be below",
        "{'model_type': 'bert'}                                 | model_type is 'bert'"
    })
    void an_error_names_the_file_and_the_key(String json, String expected) throws IOException {
        Path file = file(json.replace('\'', '"'));

        assertThatThrownBy(() -> RobertaConfig.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(expected);
    }

    @Test
    void what_a_file_does_not_say_is_what_transformers_takes() throws IOException {
        RobertaConfig config = RobertaConfig.read(file("{\"model_type\": \"roberta\"}"));

        assertThat(config.layerNormEps()).isEqualTo(1e-12);
        assertThat(config.classifierDropout()).isEqualTo(0.1);
        assertThat(config.labels()).containsExactly("LABEL_0", "LABEL_1");
        assertThat(config.maxPositions()).isEqualTo(510);
    }

    @Test
    void the_classes_and_the_head_come_from_the_file() throws IOException {
        Path file = file("""
                {"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"],
                 "id2label": {"1": "neutral", "0": "entailment", "2": "contradiction"},
                 "hidden_dropout_prob": 0.2, "classifier_dropout": 0.3}""");

        RobertaConfig config = (RobertaConfig) ModelFamilies.read(file);

        assertThat(config.labels()).containsExactly("entailment", "neutral", "contradiction");
        assertThat(config.head()).isEqualTo(RobertaConfig.Head.CLASSIFICATION);
        assertThat(config.classifierDropout()).isEqualTo(0.3);
        assertThat(config.withLabels(3)).isSameAs(config);
        assertThat(config.withLabels(1).labels()).containsExactly("LABEL_0");
    }
}
