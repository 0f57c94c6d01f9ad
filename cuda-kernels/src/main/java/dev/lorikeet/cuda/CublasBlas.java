package dev.lorikeet.cuda;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/// Matrix products by cuBLAS. It thinks in columns: what are rows here are its columns, so that it is asked for
/// `cᵀ = op(b)ᵀ·op(a)ᵀ`, with the operands exchanged and nothing transposed that was not to be.
final class CublasBlas implements Blas {
    /// What NVIDIA recommends for Hopper; given to cuBLAS once, so that it asks for none while a graph is captured.
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final DriverContext context;
    private final cublasHandle handle = new cublasHandle();
    private final CUdeviceptr workspace = new CUdeviceptr();
    private final float[] alpha = new float[1];
    private final float[] beta = new float[1];
    private final Pointer alphaPointer = Pointer.to(alpha);
    private final Pointer betaPointer = Pointer.to(beta);

    CublasBlas(DriverContext context) {
        this.context = context;
        JCublas2.setExceptionsEnabled(false);
        context.makeCurrent();
        check(JCublas2.cublasCreate(handle), "a handle");
        check(JCublas2.cublasSetStream(handle, new cudaStream_t(context.stream())), "its stream");
        context.check(JCudaDriver.cuMemAlloc(workspace, WORKSPACE_BYTES), "memory for cuBLAS");
        check(JCublas2.cublasSetWorkspace(handle, workspace, WORKSPACE_BYTES), "its workspace");
    }

    /// `cuBLAS 13.1.0`.
    String description() {
        int[] version = new int[1];
        check(JCublas2.cublasGetVersion(handle, version), "its version");
        return "cuBLAS %d.%d.%d".formatted(version[0] / 10000, version[0] / 100 % 100, version[0] % 100);
    }

    @Override
    public void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float by, float keep,
            boolean tensorFloat) {
        context.makeCurrent();
        alpha[0] = by;
        beta[0] = keep;
        int inner = transposeA ? a.rows() : a.cols();
        int type = a.dtype() == DType.BF16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_32F;
        int compute = tensorFloat ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F;
        // The one without `_new` takes a type of data for the type of computation, as before CUDA 11: it knows no TF32.
        int status = JCublas2.cublasGemmEx_new(handle, operation(transposeB), operation(transposeA), c.cols(), c.rows(),
                inner, alphaPointer, at(b), type, leading(b), at(a), type, leading(a), betaPointer, at(c),
                cudaDataType.CUDA_R_32F, leading(c), compute, cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new LaunchFailed("cuBLAS cannot compute %s from %s%s and %s%s: %s".formatted(c, a,
                    transposeA ? " transposed" : "", b, transposeB ? " transposed" : "",
                    cublasStatus.stringFor(status)));
        }
    }

    @Override
    public long workspaceBytes() {
        return WORKSPACE_BYTES;
    }

    private static int operation(boolean transpose) {
        return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    private static Pointer at(Tensor tensor) {
        return new CUdeviceptr().withByteOffset(tensor.address());
    }

    /// A single row may say any stride; cuBLAS wants at least its length.
    private static int leading(Tensor tensor) {
        return Math.max(tensor.rowStride(), tensor.cols());
    }

    private static void check(int status, String what) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new LaunchFailed("cuBLAS does not give %s: %s".formatted(what, cublasStatus.stringFor(status)));
        }
    }

    @Override
    public void close() {
        context.makeCurrent();
        JCublas2.cublasDestroy(handle);
        JCudaDriver.cuMemFree(workspace);
    }
}
