// Layer normalisation (Ba, Kiros and Hinton, 2016), forward and backward. One warp for a row.
//
// y = (x - mean)*rstd*weight + bias
// dx = beta*dx + rstd*(g - mean(g) - n*mean(g*n)), g = dy*weight, n = (x - mean)*rstd
//
// Arithmetic intensity: about 1 FLOP per byte. Bytes that must move: forward 8 per element (x once, y once), backward
// 12 (x, dy, dx; 16 if dx accumulates). Rows of up to 128*V aligned numbers stay in registers, so memory is read once
// though the variance is that of the differences; other rows are read again from the first cache.
#include "common.cuh"

// The columns 4*lane + 128*k of a row of at most 128*V numbers; zeros beyond its end.
template <int V> struct Part {
    float4 v[V];

    __device__ void load(const float* row, int cols) {
#pragma unroll
        for (int k = 0; k < V; k++) {
            int j = 4 * (threadIdx.x % 32) + 128 * k;
            v[k] = j < cols ? load4(row + j) : make_float4(0, 0, 0, 0);
        }
    }

    // Calls op(number, column) for those within the row.
    template <class Op> __device__ void each(int cols, Op op) const {
#pragma unroll
        for (int k = 0; k < V; k++) {
            int j = 4 * (threadIdx.x % 32) + 128 * k;
            if (j < cols) {
                op(v[k], j);
            }
        }
    }
};

__device__ inline float sum4(float4 v) { return (v.x + v.y) + (v.z + v.w); }
__device__ inline float4 minus(float4 a, float b) { return make_float4(a.x - b, a.y - b, a.z - b, a.w - b); }
__device__ inline float4 times(float4 a, float b) { return make_float4(a.x * b, a.y * b, a.z * b, a.w * b); }
__device__ inline float4 times(float4 a, float4 b) { return make_float4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w); }
__device__ inline float4 plus(float4 a, float4 b) { return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w); }

template <int V> __device__ inline void forward_in_registers(Rows y, float* mean, float* rstd, Inputs x,
        const float* weight, const float* bias, float eps) {
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    int C = x.cols;
    for (index_t i = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; i < x.rows; i += warps) {
        Part<V> part;
        part.load(x.row(i), C);
        float sum = 0;
        part.each(C, [&](float4 v, int) { sum += sum4(v); });
        float m = warp_sum(sum) / C;
        float squares = 0;
        part.each(C, [&](float4 v, int) { float4 d = minus(v, m); squares += sum4(times(d, d)); });
        float r = 1 / sqrtf(warp_sum(squares) / C + eps);
        float* out = y.row(i);
        part.each(C, [&](float4 v, int j) {
            float4 n = times(minus(v, m), r);
            n = weight == 0 ? n : times(n, load4(weight + j));
            store4(out + j, bias == 0 ? n : plus(n, load4(bias + j)));
        });
        if (threadIdx.x % 32 == 0) {
            mean[i] = m;
            rstd[i] = r;
        }
    }
}

extern "C" __global__ void layer_norm_1024(Rows y, float* mean, float* rstd, Inputs x, const float* weight,
        const float* bias, float eps) {
    forward_in_registers<8>(y, mean, rstd, x, weight, bias, eps);
}

extern "C" __global__ void layer_norm_2048(Rows y, float* mean, float* rstd, Inputs x, const float* weight,
        const float* bias, float eps) {
    forward_in_registers<16>(y, mean, rstd, x, weight, bias, eps);
}

// Rows of any length and alignment.
extern "C" __global__ void layer_norm(Rows y, float* mean, float* rstd, Inputs x, const float* weight,
        const float* bias, float eps) {
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    int lane = threadIdx.x % 32;
    int C = x.cols;
    for (index_t i = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; i < x.rows; i += warps) {
        const float* in = x.row(i);
        float sum = 0;
        for (int j = lane; j < C; j += 32) {
            sum += in[j];
        }
        float m = warp_sum(sum) / C;
        float squares = 0;
        for (int j = lane; j < C; j += 32) {
            squares += (in[j] - m) * (in[j] - m);
        }
        float r = 1 / sqrtf(warp_sum(squares) / C + eps);
        float* out = y.row(i);
        for (int j = lane; j < C; j += 32) {
            float n = (in[j] - m) * r;
            out[j] = (weight == 0 ? n : n * weight[j]) + (bias == 0 ? 0 : bias[j]);
        }
        if (lane == 0) {
            mean[i] = m;
            rstd[i] = r;
        }
    }
}

template <int V> __device__ inline void backward_in_registers(Rows dx, Inputs dy, Inputs x, const float* mean,
        const float* rstd, const float* weight, float beta) {
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    int C = x.cols;
    for (index_t i = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; i < x.rows; i += warps) {
        float m = mean[i];
        float r = rstd[i];
        Part<V> n;
        Part<V> g;
        n.load(x.row(i), C);
        g.load(dy.row(i), C);
        float sum_g = 0;
        float sum_gn = 0;
#pragma unroll
        for (int k = 0; k < V; k++) {
            int j = 4 * (threadIdx.x % 32) + 128 * k;
            if (j < C) {
                n.v[k] = times(minus(n.v[k], m), r);
                g.v[k] = weight == 0 ? g.v[k] : times(g.v[k], load4(weight + j));
                sum_g += sum4(g.v[k]);
                sum_gn += sum4(times(g.v[k], n.v[k]));
            }
        }
        float mean_g = warp_sum(sum_g) / C;
        float mean_gn = warp_sum(sum_gn) / C;
        float* out = dx.row(i);
#pragma unroll
        for (int k = 0; k < V; k++) {
            int j = 4 * (threadIdx.x % 32) + 128 * k;
            if (j < C) {
                float4 d = times(plus(minus(g.v[k], mean_g), times(n.v[k], -mean_gn)), r);
                store4(out + j, beta == 0 ? d : plus(times(load4(out + j), beta), d));
            }
        }
    }
}

extern "C" __global__ void layer_norm_backward_1024(Rows dx, Inputs dy, Inputs x, const float* mean, const float* rstd,
        const float* weight, float beta) {
    backward_in_registers<8>(dx, dy, x, mean, rstd, weight, beta);
}

extern "C" __global__ void layer_norm_backward(Rows dx, Inputs dy, Inputs x, const float* mean, const float* rstd,
        const float* weight, float beta) {
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    int lane = threadIdx.x % 32;
    int C = x.cols;
    for (index_t i = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; i < x.rows; i += warps) {
        const float* in = x.row(i);
        const float* gy = dy.row(i);
        float m = mean[i];
        float r = rstd[i];
        float sum_g = 0;
        float sum_gn = 0;
        for (int j = lane; j < C; j += 32) {
            float g = weight == 0 ? gy[j] : gy[j] * weight[j];
            sum_g += g;
            sum_gn += g * (in[j] - m) * r;
        }
        float mean_g = warp_sum(sum_g) / C;
        float mean_gn = warp_sum(sum_gn) / C;
        float* out = dx.row(i);
        for (int j = lane; j < C; j += 32) {
            float g = weight == 0 ? gy[j] : gy[j] * weight[j];
            float d = r * (g - mean_g - (in[j] - m) * r * mean_gn);
            out[j] = beta == 0 ? d : beta * out[j] + d;
        }
    }
}
