package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The many places where NVIDIA's libraries may lie.
final class CudaLibrariesTest {
    @TempDir
    private Path root;

    private final Map<String, String> environment = new HashMap<>();

    private Path file(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }

    private CudaLibraries.Found find(int newest) {
        return CudaLibraries.of(environment, root).find("cublas", newest).orElse(null);
    }

    @Test
    void a_toolkit_in_its_usual_folder() throws IOException {
        Path file = file("usr/local/cuda-13.0/lib64/libcublas.so.13");
        assertThat(find(13)).isEqualTo(new CudaLibraries.Found(file, 13));
    }

    @Test
    void the_wheels_of_an_active_environment() throws IOException {
        Path file = file("home/venv/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12");
        environment.put("VIRTUAL_ENV", root.resolve("home/venv").toString());
        assertThat(find(13)).isEqualTo(new CudaLibraries.Found(file, 12));
    }

    @Test
    void the_wheels_of_any_python_on_the_path() throws IOException {
        Path file = file("opt/conda/lib/python3.11/site-packages/nvidia/cu13/lib/libcublas.so.13");
        Path python = file("opt/conda/bin/python3");
        environment.put("PATH", root.resolve("bin") + ":" + python.getParent());
        assertThat(find(13)).isEqualTo(new CudaLibraries.Found(file.toRealPath(), 13));
    }

    @Test
    void the_wheels_of_an_environment_that_the_python_on_the_path_is_a_link_to() throws IOException {
        Path file = file("opt/venv/lib/python3.12/site-packages/nvidia/cu13/lib/libcublas.so.13");
        Path system = file("usr/bin/python3.12");
        Path ofVenv = Files.createSymbolicLink(
                Files.createDirectories(root.resolve("opt/venv/bin")).resolve("python3"), system);
        Path local = Files.createDirectories(root.resolve("usr/local/bin"));
        Files.createSymbolicLink(local.resolve("python3"), ofVenv);
        environment.put("PATH", local.toString());
        assertThat(find(13)).isEqualTo(new CudaLibraries.Found(file, 13));
    }

    @Test
    void a_folder_that_the_loader_is_configured_with() throws IOException {
        Path file = file("opt/nvidia/libcublas.so.12");
        Files.writeString(file("etc/ld.so.conf.d/nvidia.conf"), "# NVIDIA\n/opt/nvidia\n");
        assertThat(find(12)).isEqualTo(new CudaLibraries.Found(file, 12));
    }

    @Test
    void the_folder_that_the_user_names_comes_first() throws IOException {
        file("usr/local/cuda/lib64/libcublas.so.13");
        Path mine = file("mine/libcublas.so.13");
        environment.put("LORIKEET_CUDA_LIBRARIES", mine.getParent().toString());
        assertThat(find(13)).isEqualTo(new CudaLibraries.Found(mine, 13));
    }

    @Test
    void an_older_driver_gets_the_older_library() throws IOException {
        file("usr/local/cuda-13.0/lib64/libcublas.so.13");
        Path older = file("usr/local/cuda-12.6/lib64/libcublas.so.12");
        assertThat(find(12)).isEqualTo(new CudaLibraries.Found(older, 12));
        assertThat(find(13).major()).isEqualTo(13);
    }

    @Test
    void what_is_missing_is_named_with_the_places_that_were_looked_at() throws IOException {
        file("usr/local/cuda-13.0/lib64/libcudart.so.13");
        assertThat(find(13)).isNull();
        assertThat(CudaLibraries.of(environment, root).missing("cublas", 13))
                .startsWith("no libcublas.so.13 and no libcublas.so.12 was found in [")
                .contains("usr/local/cuda-13.0/lib64");
    }
}
