// Sums over everything, sums over rows, the largest of a row.
//
// Two launches each: blocks write partial sums, one more launch adds them in a fixed order, so that a result does not
// depend on which block came first. Arithmetic intensity: 0.25 FLOP per byte. Bytes that must move: 4 per element read.
#include "common.cuh"

template <class Op> __device__ inline void partial_sum(double* partials, Inputs src, Op op) {
    double sum = 0;
    for (index_t i = blockIdx.y; i < src.rows; i += gridDim.y) {
        const float* row = src.row(i);
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < src.cols; j += gridDim.x * blockDim.x) {
            sum += op((double) row[j]);
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) {
        partials[blockIdx.y * gridDim.x + blockIdx.x] = sum;
    }
}

extern "C" __global__ void sum_partials(double* partials, Inputs src) {
    partial_sum(partials, src, [](double x) { return x; });
}

extern "C" __global__ void sum_squares_partials(double* partials, Inputs src) {
    partial_sum(partials, src, [](double x) { return x * x; });
}

__device__ inline double total(const double* partials, int n) {
    double sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        sum += partials[i];
    }
    return block_sum(sum);
}

// dst[0] <- alpha*sum of partials; one block
extern "C" __global__ void sum_of_partials_f32(float* dst, const double* partials, int n, double alpha) {
    double sum = total(partials, n);
    if (threadIdx.x == 0) {
        dst[0] = (float) (alpha * sum);
    }
}

extern "C" __global__ void sum_of_partials_f64(double* dst, const double* partials, int n) {
    double sum = total(partials, n);
    if (threadIdx.x == 0) {
        dst[0] = sum;
    }
}

// ---- columns --------------------------------------------------------------------------------------------------------

// partials (splits, C): split s sums every row of its share. Blocks of 32 columns times 8 rows; y of the grid is s.
template <class Op> __device__ inline void column_partials(Rows partials, int rows, int cols, Op op) {
    __shared__ float sums[8][33];
    int lane = threadIdx.x % 32;
    int group = threadIdx.x / 32;
    int col = blockIdx.x * 32 + lane;
    index_t share = (rows + (index_t) gridDim.y - 1) / gridDim.y;
    index_t end = min((blockIdx.y + 1) * share, (index_t) rows);
    float sum = 0;
    for (index_t i = blockIdx.y * share + group; i < end && col < cols; i += 8) {
        sum += op(i, col);
    }
    sums[group][lane] = sum;
    __syncthreads();
    if (group == 0 && col < cols) {
        for (int g = 1; g < 8; g++) {
            sum += sums[g][lane];
        }
        partials.row(blockIdx.y)[col] = sum;
    }
}

extern "C" __global__ void sum_rows_partials(Rows partials, Inputs src) {
    column_partials(partials, src.rows, src.cols, [=](index_t i, int j) { return src.row(i)[j]; });
}

// dweight of layer norm: sum of dy*(x - mean)*rstd
extern "C" __global__ void layer_norm_weight_partials(Rows partials, Inputs dy, Inputs x, const float* mean,
        const float* rstd) {
    column_partials(partials, x.rows, x.cols, [=](index_t i, int j) {
        return dy.row(i)[j] * (x.row(i)[j] - mean[i]) * rstd[i];
    });
}

// dst (C) <- beta*dst + sum of the rows of partials
extern "C" __global__ void sum_of_rows(float* dst, Inputs partials, float beta) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    if (j < partials.cols) {
        float sum = 0;
        for (int i = 0; i < partials.rows; i++) {
            sum += partials.row(i)[j];
        }
        dst[j] = beta == 0 ? sum : beta * dst[j] + sum;
    }
}

// ---- rows -----------------------------------------------------------------------------------------------------------

// dst[i] <- index of the first largest element of row i; one block for a row
extern "C" __global__ void argmax_rows(int* dst, Inputs src) {
    __shared__ float values[32];
    __shared__ int places[32];
    for (index_t i = blockIdx.x; i < src.rows; i += gridDim.x) {
        float best = -INFINITE;
        int place = 0x7FFFFFFF;
        for (int j = threadIdx.x; j < src.cols; j += blockDim.x) {
            float x = src.row(i)[j];
            if (x > best || place == 0x7FFFFFFF) {
                best = x;
                place = j;
            }
        }
        for (int round = 0; round < 2; round++) {                            // lanes first, then warps
            for (int distance = 16; distance > 0; distance >>= 1) {
                float other = __shfl_xor_sync(ALL_LANES, best, distance);
                int at = __shfl_xor_sync(ALL_LANES, place, distance);
                if (other > best || (other == best && at < place)) {
                    best = other;
                    place = at;
                }
            }
            if (round == 0) {
                __syncthreads();
                if (threadIdx.x % 32 == 0) {
                    values[threadIdx.x / 32] = best;
                    places[threadIdx.x / 32] = place;
                }
                __syncthreads();
                bool used = threadIdx.x % 32 < blockDim.x / 32;
                best = used ? values[threadIdx.x % 32] : -INFINITE;
                place = used ? places[threadIdx.x % 32] : 0x7FFFFFFF;
            }
        }
        if (threadIdx.x == 0) {
            dst[i] = place;
        }
    }
}
