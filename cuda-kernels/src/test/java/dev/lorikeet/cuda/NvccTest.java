package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What NVIDIA's compiler says of the kernels, where it is installed. No GPU is needed for that.
final class NvccTest {
    private static final Pattern USE = Pattern.compile(
            "Compiling entry function '(\\w+)' for '(\\w+)'.*?(\\d+) bytes spill stores, (\\d+) bytes spill loads"
                    + ".*?Used (\\d+) registers", Pattern.DOTALL);

    private record Use(String kernel, String architecture, int registers, int spilled) {
        static Use of(MatchResult found) {
            return new Use(found.group(1), found.group(2), Integer.parseInt(found.group(5)),
                    Integer.parseInt(found.group(3)) + Integer.parseInt(found.group(4)));
        }
    }

    /// For Ampere, and for Hopper with the features that only Hopper has.
    @Test
    void every_kernel_compiles_and_keeps_its_numbers_in_registers() throws IOException {
        assumeTrue(HostCompiler.available("nvcc"), "needs nvcc on the PATH to compile the .cu sources for a device");
        List<Use> uses = new ArrayList<>();
        for (Path source : HostCompiler.sources()) {
            List<Use> ofSource = USE.matcher(compile(source)).results().map(Use::of).toList();
            assertThat(ofSource).as("kernels of " + source.getFileName()).isNotEmpty();
            for (String architecture : List.of("sm_80", "sm_90a")) {
                print(source, architecture,
                        ofSource.stream().filter(use -> use.architecture.equals(architecture)).toList());
            }
            uses.addAll(ofSource);
        }
        assertThat(uses).filteredOn(use -> use.spilled > 0).as("kernels that spill registers to memory").isEmpty();
    }

    private static void print(Path source, String architecture, List<Use> uses) {
        assertThat(uses).as(source + " for " + architecture).isNotEmpty();
        System.out.printf("nvcc %-6s %-16s %2d kernels, %d bytes spilled, registers:", architecture,
                source.getFileName(), uses.size(), uses.stream().mapToInt(Use::spilled).sum());
        uses.forEach(use -> System.out.printf(" %s %d", use.kernel, use.registers));
        System.out.println();
    }

    /// The assembler's report, kept beside the library of the same sources.
    private static String compile(Path source) throws IOException {
        Path folder = HostCompiler.folder();
        Path report = folder.resolve(source.getFileName() + ".ptxas");
        if (!Files.exists(report)) {
            Files.createDirectories(folder);
            String text = HostCompiler.run(List.of("nvcc", "-fatbin", "-Xptxas", "-v",
                    "-gencode=arch=compute_80,code=sm_80", "-gencode=arch=compute_90a,code=sm_90a",
                    source.toString(), "-o", folder.resolve(source.getFileName() + ".fatbin").toString()));
            Files.writeString(report, text);
        }
        return Files.readString(report);
    }
}
