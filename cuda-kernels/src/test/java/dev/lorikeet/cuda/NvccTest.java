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
        for (Unit unit : HostCompiler.units(16, 64, 96, 128)) {
            List<Use> ofUnit = USE.matcher(compile(unit)).results().map(Use::of).toList();
            assertThat(ofUnit).as("kernels of " + unit.name()).isNotEmpty();
            for (String architecture : List.of("sm_80", "sm_90a")) {
                print(unit, architecture,
                        ofUnit.stream().filter(use -> use.architecture.equals(architecture)).toList());
            }
            uses.addAll(ofUnit);
        }
        assertThat(uses).filteredOn(use -> use.spilled > 0).as("kernels that spill registers to memory").isEmpty();
    }

    private static void print(Unit unit, String architecture, List<Use> uses) {
        assertThat(uses).as(unit + " for " + architecture).isNotEmpty();
        System.out.printf("nvcc %-6s %-16s %2d kernels, %d bytes spilled, registers:", architecture,
                unit.name(), uses.size(), uses.stream().mapToInt(Use::spilled).sum());
        uses.forEach(use -> System.out.printf(" %s %d", use.kernel, use.registers));
        System.out.println();
    }

    /// The assembler's report, kept until the unit changes.
    private static String compile(Unit unit) throws IOException {
        KernelSource source = KernelSource.of(unit);
        List<byte[]> parts = new ArrayList<>(List.of(unit.toString().getBytes(), source.text().getBytes()));
        source.headers().values().forEach(header -> parts.add(header.getBytes()));
        String name = unit.name() + "-" + HostCompiler.hash(parts);
        Path report = HostCompiler.parts().resolve(name + ".ptxas");
        if (!Files.exists(report)) {
            List<String> command = new ArrayList<>(List.of("nvcc", "-fatbin", "-Xptxas", "-v",
                    "-gencode=arch=compute_80,code=sm_80", "-gencode=arch=compute_90a,code=sm_90a"));
            unit.definitions().forEach(definition -> command.add("-D" + definition));
            command.add(SourceFiles.folderOf("common.cuh").resolve(unit.source() + ".cu").toString());
            command.addAll(List.of("-o", HostCompiler.parts().resolve(name + ".fatbin").toString()));
            Files.writeString(report, HostCompiler.run(command));
        }
        return Files.readString(report);
    }
}
