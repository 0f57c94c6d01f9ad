package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BackendsTest {
    private static final BackendProvider SCALAR = provider("scalar", null, null);

    @Test
    void a_backend_is_opened_by_name() {
        try (Backend scalar = Backends.open("scalar")) {
            assertThat(scalar.device()).isEqualTo(new Device("scalar", 0));
        }
    }

    @Test
    void an_argument_reaches_the_provider() {
        assertThatThrownBy(() -> Backends.open("scalar:3")).isInstanceOf(BackendUnavailable.class)
                .hasMessage("backend 'scalar' takes no argument, found 'scalar:3'");
    }

    @Test
    void an_unknown_name_is_answered_with_what_there_is() {
        assertThatThrownBy(() -> Backends.choose("tpu:1", Map.of("scalar", SCALAR)))
                .isInstanceOf(BackendUnavailable.class)
                .hasMessage("there is no backend 'tpu:1': choose auto or one of scalar");
    }

    @Test
    void a_backend_that_cannot_run_says_why() {
        BackendProvider cuda = provider("cuda", "no NVIDIA driver was found", null);
        assertThatThrownBy(() -> Backends.choose("cuda:0", Map.of("cuda", cuda, "scalar", SCALAR)))
                .isInstanceOf(BackendUnavailable.class)
                .hasMessage("backend 'cuda:0' cannot run here, because no NVIDIA driver was found: "
                        + "choose auto or one of scalar");
        assertThatThrownBy(() -> Backends.choose("cuda:0", Map.of("cuda", cuda)))
                .hasMessageEndingWith("no NVIDIA driver was found: there is no other");
    }

    @Test
    void auto_takes_the_best_that_works_and_tells_why_nothing_better() {
        Map<String, BackendProvider> providers = Map.of("scalar", SCALAR,
                "cuda", provider("cuda", "no NVIDIA driver was found", null),
                "cpu", provider("cpu", null, "the processor is on holiday"));
        Backends.Choice choice = Backends.choose("auto", providers);
        assertThat(choice.backend().device().kind()).isEqualTo("scalar");
        assertThat(choice.refusals()).containsExactly(
                "not cuda: no NVIDIA driver was found", "not cpu: the processor is on holiday");
        assertThat(choice.explanation()).startsWith("scalar: ").endsWith(
                "(not cuda: no NVIDIA driver was found; not cpu: the processor is on holiday)");
        choice.backend().close();
    }

    @Test
    void auto_fails_loudly_if_nothing_works() {
        assertThatThrownBy(() -> Backends.choose("auto", Map.of())).isInstanceOf(BackendUnavailable.class)
                .hasMessageStartingWith("no backend can run here: not cuda: it is not on the class path");
    }

    /// A provider that refuses at once, fails on opening, or opens the scalar backend.
    private static BackendProvider provider(String kind, String refusal, String failure) {
        return new BackendProvider() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public Optional<String> refusal() {
                return Optional.ofNullable(refusal);
            }

            @Override
            public Backend open(String argument) {
                if (failure != null) {
                    throw new BackendUnavailable(failure);
                }
                return new ScalarBackend();
            }
        };
    }
}
