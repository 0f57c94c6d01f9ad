package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds the arrows between packages: who may name whom, read from the compiled classes of every module.
final class ArchitectureTest {
    private static ClassReferences references;

    /// No class of `from` names one of `to`, because of `reason`. Packages are written as in [#names].
    record Arrow(String from, String to, String reason) {
        @Override
        public String toString() {
            return from + " ↛ " + to + ": " + reason;
        }
    }

    @BeforeAll
    static void read_the_compiled_classes() throws IOException {
        references = ClassReferences.ofModules(Path.of(".."));
    }

    static Stream<Arrow> arrows() {
        return Stream.of(
                // tensor ◄── autograd ◄── nn ◄── lora ◄── models ◄── bench
                new Arrow("tensor..", "autograd.. nn.. lora.. models.. bench.. cuda..", "tensor knows no gradient"),
                new Arrow("autograd..", "nn.. lora.. models.. bench.. cuda..", "ops know no layer"),
                new Arrow("nn..", "lora.. models.. bench.. cuda..", "layers know no adapter"),
                new Arrow("lora..", "models.. bench.. cuda..", "adapters fit any model"),
                new Arrow("models..", "bench.. cuda..", "devices come through ServiceLoader"),
                new Arrow("cuda..", "tensor.cpu tensor.io autograd.. nn.. lora.. models.. bench..",
                        "a device knows tensors and nothing else"),
                // inside tensor
                new Arrow("tensor", "tensor.cpu tensor.io", "the words know no device and no file format"),
                new Arrow("tensor.cpu", "tensor.io", "a device knows no file format"),
                new Arrow("tensor.io", "tensor.cpu", "files become tensors of any device"),
                // what is recorded, what computes, what writes
                new Arrow("autograd", "autograd.op autograd.check autograd.graph", "the tape knows no formula"),
                new Arrow("autograd autograd.op nn..", "tensor.io", "values come from anywhere"),
                new Arrow("autograd autograd.op nn.. lora..", "tensor.cpu", "they run on any device"),
                new Arrow("models.gpt2 models.roberta", "tensor.cpu", "an architecture runs anywhere"),
                new Arrow("models.gpt2 models.roberta", "models.train models.task models.cli",
                        "an architecture does not know what it is used for"),
                new Arrow("models models.batch models.generate models.hub models.cli",
                        "models.gpt2 models.roberta", "a family is its package and a line in models.base"),
                new Arrow("models.hub",
                        "tensor.cpu autograd.. nn.. models.gpt2 models.roberta models.data models.train models.cli",
                        "fetching knows files and not what is in them"),
                new Arrow("nn.optim", "autograd.Frozen", "an optimizer sees no frozen weight"),
                new Arrow("models.method", "models.train models.task models.data", "a method knows no task"),
                new Arrow("models.method models.train models.task models.metric models.data",
                        "models.gpt2 models.roberta", "training knows no family"),
                new Arrow("models models.text models.data models.task models.metric models.method models.train "
                        + "models.generate models.gpt2 models.roberta",
                        "models.cli models.hub models.verify models.metric.nlg",
                        "a library user gets no command line, no hub and no golden cases"));
    }

    @ParameterizedTest
    @MethodSource("arrows")
    void no_class_goes_against_an_arrow(Arrow arrow) {
        assertThat(references.count(names(arrow.from()))).as("classes of " + arrow.from()).isPositive();
        assertThat(references.between(names(arrow.from()), names(arrow.to()))).as(arrow.reason()).isEmpty();
    }

    /// Layers and architectures may put values somewhere (initial weights, cached keys), but what they compute goes
    /// through an op. One class is allowed more: `InspectedAttention` shows the attention probabilities that the fused
    /// kernel never stores, and no gradient flows through it.
    @Test
    void layers_and_architectures_compute_with_ops_and_not_with_kernels() {
        Pattern computing = Pattern.compile("dev\\.lorikeet\\.tensor\\.Kernels#(?!(copy|fill|normal|uniform)$).*");
        assertThat(references.between(names("nn models.gpt2 models.roberta"), computing)).isEmpty();
        assertThat(references.between(names("models.inspect"), computing)).isNotEmpty()
                .allMatch(reference -> reference.startsWith("dev.lorikeet.models.inspect.InspectedAttention → "));
        assertThat(references.between(names("autograd.op"), computing)).isNotEmpty();
    }

    /// A command says what is wanted; `models.train` and `models.method` put it together.
    @Test
    void no_command_makes_a_trainer_an_optimizer_or_an_adapter() {
        Pattern making = Pattern.compile("dev\\.lorikeet\\.(models\\.train\\.(Trainer|TrainingSteps)(\\..*|#.*)?"
                + "|nn\\.optim\\.(AdamW|Sgd)#.*|lora\\.LoraAdapter#(fresh|frozen|trainable|continued))");
        assertThat(references.between(names("models.cli"), making)).isEmpty();
        assertThat(references.between(names("models.train models.method models"), making)).isNotEmpty();
    }

    @Test
    void the_engine_needs_nothing_but_the_jdk() {
        String own = "java\\.|jdk\\.|dev\\.lorikeet\\.";
        Pattern foreign = Pattern.compile("(?!" + own + ").*\\..*");
        assertThat(references.between(names("tensor tensor.cpu autograd.. nn.."), foreign)).isEmpty();
        Pattern foreignButJson = Pattern.compile("(?!" + own + "|com\\.fasterxml\\.jackson\\.).*\\..*");
        assertThat(references.between(names("tensor.io lora.."), foreignButJson)).isEmpty();
    }

    @Test
    void libraries_stay_where_they_belong() {
        assertThat(references.between(except("cuda.."), Pattern.compile("jcuda\\..*"))).isEmpty();
        assertThat(references.between(except("models.cli bench.cli"), Pattern.compile("picocli\\..*"))).isEmpty();
        assertThat(references.between(except("bench.."), Pattern.compile("org\\.openjdk\\.jmh\\..*"))).isEmpty();
    }

    /// Packages read as chapters: each can be understood with those before it.
    @Test
    void no_package_needs_itself_through_others() {
        assertThat(references.packageCycles()).isEmpty();
    }

    @Test
    void every_module_was_read() {
        for (String module : List.of("tensor", "cuda", "autograd", "nn", "lora", "models", "bench")) {
            assertThat(references.count(names(module + ".."))).as("classes of " + module).isPositive();
        }
    }

    @Test
    void a_reference_against_an_arrow_is_found_and_named() {
        assertThat(references.between(names("autograd.."), names("tensor")))
                .contains("dev.lorikeet.autograd.Tape → dev.lorikeet.tensor.Tensor");
        assertThat(references.between(names("models.cli"), Pattern.compile("picocli\\..*")))
                .contains("dev.lorikeet.models.cli.Main → picocli.CommandLine");
    }

    @Test
    void names_tell_a_package_from_its_subpackages() {
        assertThat("dev.lorikeet.tensor.Tensor").matches(names("tensor"));
        assertThat("dev.lorikeet.tensor.cpu.Gemm").doesNotMatch(names("tensor")).matches(names("tensor.."));
        assertThat("dev.lorikeet.tensor.Kernels$Trans").matches(names("nn tensor.Kernels"));
        assertThat("dev.lorikeet.nn.Linear").doesNotMatch(names("tensor..")).doesNotMatch(names("nn.optim"));
    }

    /// Matches the classes of packages (and single classes) under `dev.lorikeet`, separated by spaces; `nn..` is the
    /// package with all below it.
    private static Pattern names(String packages) {
        return Pattern.compile(alternatives(packages));
    }

    private static Pattern except(String packages) {
        return Pattern.compile("(?!" + alternatives(packages) + "$).*");
    }

    private static String alternatives(String packages) {
        return Stream.of(packages.split(" "))
                .map(name -> "dev\\.lorikeet\\." + (name.endsWith("..")
                        ? Pattern.quote(name.substring(0, name.length() - 2)) + "\\..*"
                        : Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1))
                                ? Pattern.quote(name) + "(\\$.*)?"
                                : Pattern.quote(name) + "\\.[A-Zp][^.#]*"))
                .reduce((one, other) -> one + "|" + other)
                .map(all -> "(?:" + all + ")")
                .orElseThrow();
    }
}
