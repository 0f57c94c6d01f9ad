// Softmax over rows. One block for a row: one pass for the largest and the sum, one that writes.
//
// Arithmetic intensity: about 1 FLOP and an exponential per 4 bytes. Bytes that must move: 8 per element forward, 12
// backward (16 if dx accumulates); the second pass finds a row in the cache.
#include "common.cuh"

// y <- softmax(x); row i sees columns 0 ... i + visible, the others become 0. In place allowed.
extern "C" __global__ void softmax(Rows y, Inputs x, int visible) {
    for (index_t i = blockIdx.x; i < x.rows; i += gridDim.x) {
        const float* in = x.row(i);
        index_t reach = i + visible + 1;
        int seen = (int) max((index_t) 0, min(reach, (index_t) x.cols));
        float largest = -INFINITE;
        for (int j = threadIdx.x; j < seen; j += blockDim.x) {
            largest = fmaxf(largest, in[j]);
        }
        largest = block_max(largest);
        float sum = 0;
        for (int j = threadIdx.x; j < seen; j += blockDim.x) {
            sum += expf(in[j] - largest);
        }
        float inverse = 1 / block_sum(sum);
        float* out = y.row(i);
        for (int j = threadIdx.x; j < x.cols; j += blockDim.x) {
            out[j] = j < seen ? expf(in[j] - largest) * inverse : 0.0f;
        }
    }
}

// dx <- beta*dx + y*(dy - sum(dy*y))
extern "C" __global__ void softmax_backward(Rows dx, Inputs dy, Inputs y, float beta) {
    for (index_t i = blockIdx.x; i < y.rows; i += gridDim.x) {
        const float* g = dy.row(i);
        const float* p = y.row(i);
        float dot = 0;
        for (int j = threadIdx.x; j < y.cols; j += blockDim.x) {
            dot += g[j] * p[j];
        }
        dot = block_sum(dot);
        float* out = dx.row(i);
        for (int j = threadIdx.x; j < y.cols; j += blockDim.x) {
            float d = p[j] * (g[j] - dot);
            out[j] = beta == 0 ? d : beta * out[j] + d;
        }
    }
}
