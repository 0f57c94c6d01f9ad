package dev.lorikeet.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/// NVIDIA's run-time compiler, for the architecture of one device.
final class NvrtcCompiler implements KernelCompiler {
    /// From here on architectures have features that only they have; `a` asks for them.
    private static final int HOPPER = 90;

    private final String version;
    private final String architecture;
    private final boolean machineCode;

    /// @param capability compute capability: 80 for 8.0
    NvrtcCompiler(int capability) {
        JNvrtc.setExceptionsEnabled(false);
        int[] major = new int[1];
        int[] minor = new int[1];
        check(JNvrtc.nvrtcVersion(major, minor), "its version");
        version = major[0] + "." + minor[0];
        int[] count = new int[1];
        check(JNvrtc.nvrtcGetNumSupportedArchs(count), "the architectures that it knows");
        int[] known = new int[count[0]];
        check(JNvrtc.nvrtcGetSupportedArchs(known), "the architectures that it knows");
        machineCode = Arrays.stream(known).anyMatch(arch -> arch == capability);
        // A device newer than the compiler gets portable code, which its driver translates.
        int newest = Arrays.stream(known).filter(arch -> arch <= capability).max().orElse(capability);
        architecture = machineCode
                ? "sm_" + capability + (capability == HOPPER ? "a" : "")
                : "compute_" + newest;
    }

    @Override
    public String identity() {
        return "NVRTC " + version + " " + options();
    }

    private List<String> options() {
        return List.of("--gpu-architecture=" + architecture, "--std=c++17");
    }

    @Override
    public byte[] compile(KernelSource source) {
        String name = source.unit().name();
        String[] headers = source.headers().keySet().toArray(String[]::new);
        String[] texts = source.headers().values().toArray(String[]::new);
        nvrtcProgram program = new nvrtcProgram();
        check(JNvrtc.nvrtcCreateProgram(program, source.text(), source.unit().source() + ".cu", headers.length, texts,
                headers), "a program of " + name);
        try {
            List<String> options = new ArrayList<>(options());
            source.unit().definitions().forEach(definition -> options.add("--define-macro=" + definition));
            int status = JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
            if (status != nvrtcResult.NVRTC_SUCCESS) {
                String[] log = new String[1];
                JNvrtc.nvrtcGetProgramLog(program, log);
                throw new LaunchFailed("NVRTC %s cannot compile %s for %s: %s%n%s".formatted(
                        version, name, architecture, nvrtcResult.stringFor(status), log[0]));
            }
            return machineCode ? cubin(program, name) : ptx(program, name);
        } finally {
            JNvrtc.nvrtcDestroyProgram(program);
        }
    }

    private byte[] cubin(nvrtcProgram program, String name) {
        long[] size = new long[1];
        check(JNvrtc.nvrtcGetCUBINSize(program, size), "the size of " + name);
        byte[] cubin = new byte[Math.toIntExact(size[0])];
        check(JNvrtc.nvrtcGetCUBIN(program, cubin), "the code of " + name);
        return cubin;
    }

    /// With the zero at the end that the driver wants.
    private byte[] ptx(nvrtcProgram program, String name) {
        String[] ptx = new String[1];
        check(JNvrtc.nvrtcGetPTX(program, ptx), "the code of " + name);
        byte[] text = ptx[0].getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(text, text.length + 1);
    }

    private static void check(int status, String what) {
        if (status != nvrtcResult.NVRTC_SUCCESS) {
            throw new LaunchFailed("NVRTC does not give %s: %s".formatted(what, nvrtcResult.stringFor(status)));
        }
    }
}
