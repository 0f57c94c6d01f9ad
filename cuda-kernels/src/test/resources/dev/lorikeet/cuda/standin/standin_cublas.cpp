// A stand-in for libcublas.so: see standin.h. Columns are contiguous, as in BLAS.
#include "standin.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {
enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum Type { F32 = 0, BF16 = 14 };
enum Compute { IN_F32 = 68, IN_TF32 = 77 };

struct Handle {
    void* stream;
    bool workspace;
};

size_t size_of(int type) { return type == BF16 ? 2 : 4; }

double element(const void* data, int type, size_t at) {
    if (type == F32) {
        return ((const float*) data)[at];
    }
    uint32_t bits = (uint32_t) ((const uint16_t*) data)[at] << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

// A matrix of `rows` rows and `cols` columns with `leading` elements from one column to the next.
bool lies(const void* data, int type, int rows, int cols, int leading) {
    return leading >= rows && standin_holds(data, size_of(type) * ((size_t) leading * (cols - 1) + rows));
}
}  // namespace

API int cublasCreate_v2(Handle** handle) {
    if (!standin_has_context()) {
        return standin_refuses(NOT_INITIALIZED, "cublasCreate: no context");
    }
    *handle = new Handle{nullptr, false};
    return SUCCESS;
}

API int cublasDestroy_v2(Handle* handle) {
    delete handle;
    return SUCCESS;
}

API int cublasGetVersion_v2(Handle*, int* version) {
    *version = std::atoi(std::getenv("LORIKEET_STANDIN_CUDA")) * 10;
    return SUCCESS;
}

// As cuBLAS does it: another stream takes the workspace away.
API int cublasSetStream_v2(Handle* handle, void* stream) {
    *handle = Handle{stream, false};
    return SUCCESS;
}

API int cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t bytes) {
    if (!standin_holds(workspace, bytes) || (size_t) workspace % 256 != 0) {
        return standin_refuses(INVALID_VALUE, "cublasSetWorkspace: no such block of memory");
    }
    handle->workspace = true;
    return SUCCESS;
}

API int cublasGemmEx(Handle* handle, int transpose_a, int transpose_b, int m, int n, int k, const float* alpha,
        const void* a, int a_type, int lda, const void* b, int b_type, int ldb, const float* beta, void* c, int c_type,
        int ldc, int compute, int) {
    if (!standin_has_context() || handle->stream == nullptr || !handle->workspace) {
        return standin_refuses(NOT_INITIALIZED, "cublasGemmEx: no context, stream or workspace");
    }
    bool types = a_type == b_type && c_type == F32
            && ((a_type == F32 && (compute == IN_F32 || compute == IN_TF32)) || (a_type == BF16 && compute == IN_F32));
    if (!types) {
        return standin_refuses(NOT_SUPPORTED, "cublasGemmEx: these types are not multiplied");
    }
    if (m <= 0 || n <= 0 || k <= 0 || !lies(a, a_type, transpose_a ? k : m, transpose_a ? m : k, lda)
            || !lies(b, b_type, transpose_b ? n : k, transpose_b ? k : n, ldb) || !lies(c, F32, m, n, ldc)) {
        return standin_refuses(INVALID_VALUE, "cublasGemmEx: a matrix lies outside of its block");
    }
    float by = *alpha;
    float keep = *beta;
    standin_enqueue(handle->stream, [=] {
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < m; i++) {
                double sum = 0;
                for (int p = 0; p < k; p++) {
                    sum += element(a, a_type, transpose_a ? p + (size_t) i * lda : i + (size_t) p * lda)
                            * element(b, b_type, transpose_b ? j + (size_t) p * ldb : p + (size_t) j * ldb);
                }
                float* at = (float*) c + i + (size_t) j * ldc;
                *at = (float) (keep == 0 ? by * sum : keep * *at + by * sum);
            }
        }
    });
    return SUCCESS;
}
