// Sums, products and functions, element by element.
//
// Arithmetic intensity: 0.1 to 0.25 FLOP per byte for sums and products, about 2 to 4 for the GELUs: bandwidth decides.
// Bytes that must move: 4 per element and operand read or written; dst is read too where beta is not 0. Four columns at
// a time where all operands start at 16 bytes; the host passes operands without gaps as one long row.
#include "common.cuh"

// dst <- op(dst, a); dst is read only if `reads`. In place allowed.
template <class Op> __device__ inline void each(Rows dst, Inputs a, bool reads, Op op) {
    bool vector = wide(dst) && wide(a);
    int thread = blockIdx.x * blockDim.x + threadIdx.x;
    int threads = gridDim.x * blockDim.x;
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        float* d = dst.row(i);
        const float* x = a.row(i);
        if (vector) {
            for (int j = 4 * thread; j < dst.cols; j += 4 * threads) {
                float4 old = reads ? load4(d + j) : make_float4(0, 0, 0, 0);
                float4 v = load4(x + j);
                store4(d + j, make_float4(op(old.x, v.x), op(old.y, v.y), op(old.z, v.z), op(old.w, v.w)));
            }
        } else {
            for (int j = thread; j < dst.cols; j += threads) {
                d[j] = op(reads ? d[j] : 0.0f, x[j]);
            }
        }
    }
}

// dst <- op(dst, a, b); dst is read only if `reads`. In place allowed. A matrix with stride 0 repeats its row.
template <class Op> __device__ inline void each(Rows dst, Inputs a, Inputs b, bool reads, Op op) {
    bool vector = wide(dst) && wide(a) && wide(b);
    int thread = blockIdx.x * blockDim.x + threadIdx.x;
    int threads = gridDim.x * blockDim.x;
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        float* d = dst.row(i);
        const float* x = a.row(i);
        const float* y = b.row(i);
        if (vector) {
            for (int j = 4 * thread; j < dst.cols; j += 4 * threads) {
                float4 old = reads ? load4(d + j) : make_float4(0, 0, 0, 0);
                float4 v = load4(x + j);
                float4 w = load4(y + j);
                store4(d + j, make_float4(op(old.x, v.x, w.x), op(old.y, v.y, w.y), op(old.z, v.z, w.z),
                        op(old.w, v.w, w.w)));
            }
        } else {
            for (int j = thread; j < dst.cols; j += threads) {
                d[j] = op(reads ? d[j] : 0.0f, x[j], y[j]);
            }
        }
    }
}

// dst <- beta*dst; 0 without reading if beta = 0
extern "C" __global__ void scale(Rows dst, float beta) {
    Inputs same = {dst.data, dst.stride, dst.rows, dst.cols};
    if (beta == 0) {
        each(dst, same, false, [](float, float) { return 0.0f; });
    } else {
        each(dst, same, false, [=](float, float x) { return beta * x; });
    }
}

// dst <- alpha*src + beta*dst
extern "C" __global__ void axpby(Rows dst, float alpha, Inputs src, float beta) {
    each(dst, src, beta != 0, [=](float old, float x) { return beta * old + alpha * x; });
}

// dst <- beta*dst + factor[0]*src
extern "C" __global__ void scale_by(Rows dst, const float* factor, Inputs src, float beta) {
    float by = factor[0];
    each(dst, src, beta != 0, [=](float old, float x) { return beta * old + by * x; });
}

// dst <- a + b; addBias passes the bias as b with stride 0
extern "C" __global__ void add(Rows dst, Inputs a, Inputs b) {
    each(dst, a, b, false, [](float, float x, float y) { return x + y; });
}

// dst <- beta*dst + a*b
extern "C" __global__ void multiply(Rows dst, Inputs a, Inputs b, float beta) {
    each(dst, a, b, beta != 0, [=](float old, float x, float y) { return beta * old + x * y; });
}

// ---- functions and their derivatives, accurate in both tails --------------------------------------------------------

__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// 2*sqrt(2/pi)*(x + 0.044715 x^3): 1/2(1 + tanh u) = sigmoid(2u), without cancellation
__device__ inline float tanh_argument(float x) { return 1.5957691216057308f * (x + 0.044715f * x * x * x); }

// P(a standard normal number is below x)
__device__ inline float normal_cdf(float x) { return 0.5f * erfcf(-0.7071067811865476f * x); }

struct GeluTanh {
    __device__ static float value(float x) { return x * sigmoid(tanh_argument(x)); }
    __device__ static float derivative(float x) {
        float u = tanh_argument(x);
        float s = sigmoid(u);
        float rest = s * sigmoid(-u);                                        // 0 long before x*x*x overflows
        return rest == 0 ? s : s + x * rest * 1.5957691216057308f * (1 + 0.134145f * x * x);
    }
};

struct GeluErf {
    __device__ static float value(float x) { return x * normal_cdf(x); }
    __device__ static float derivative(float x) {
        return normal_cdf(x) + x * expf(-0.5f * x * x) * 0.3989422804014327f;
    }
};

struct Relu {
    __device__ static float value(float x) { return x > 0 || x != x ? x : 0; }
    __device__ static float derivative(float x) { return x > 0 ? 1 : 0; }
};

struct LeakyRelu {
    __device__ static float value(float x) { return x < 0 ? 0.01f * x : x; }
    __device__ static float derivative(float x) { return x > 0 ? 1 : 0.01f; }
};

struct Tanh {
    __device__ static float value(float x) { return tanhf(x); }
    __device__ static float derivative(float x) { float c = coshf(x); return 1 / c / c; }
};

struct Sigmoid {
    __device__ static float value(float x) { return sigmoid(x); }
    __device__ static float derivative(float x) { return sigmoid(x) * sigmoid(-x); }
};

struct Silu {
    __device__ static float value(float x) { return x * sigmoid(x); }
    __device__ static float derivative(float x) { float s = sigmoid(x); return s + x * s * sigmoid(-x); }
};

struct Softplus {
    __device__ static float value(float x) {
        return x != x ? x : fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
    }
    __device__ static float derivative(float x) { return sigmoid(x); }
};

struct Exp {
    __device__ static float value(float x) { return expf(x); }
    __device__ static float derivative(float x) { return expf(x); }
};

struct Log {
    __device__ static float value(float x) { return logf(x); }
    __device__ static float derivative(float x) { return 1 / x; }
};

struct Sqrt {
    __device__ static float value(float x) { return sqrtf(x); }
    __device__ static float derivative(float x) { return 0.5f / sqrtf(x); }
};

struct Rsqrt {
    __device__ static float value(float x) { return 1 / sqrtf(x); }
    __device__ static float derivative(float x) { return -0.5f / (x * sqrtf(x)); }
};

struct Reciprocal {
    __device__ static float value(float x) { return 1 / x; }
    __device__ static float derivative(float x) { return -1 / x / x; }
};

// dst <- f(src)        dx <- beta*dx + dy*f'(x)
#define FUNCTION(name, F)                                                                                  \
    extern "C" __global__ void map_##name(Rows dst, Inputs src) {                                          \
        each(dst, src, false, [](float, float x) { return F::value(x); });                                 \
    }                                                                                                      \
    extern "C" __global__ void map_backward_##name(Rows dx, Inputs dy, Inputs x, float beta) {             \
        each(dx, dy, x, beta != 0,                                                                         \
                [=](float old, float g, float v) { return beta * old + g * F::derivative(v); });           \
    }

FUNCTION(gelu_tanh, GeluTanh)
FUNCTION(gelu_erf, GeluErf)
FUNCTION(relu, Relu)
FUNCTION(leaky_relu, LeakyRelu)
FUNCTION(tanh, Tanh)
FUNCTION(sigmoid, Sigmoid)
FUNCTION(silu, Silu)
FUNCTION(softplus, Softplus)
FUNCTION(exp, Exp)
FUNCTION(log, Log)
FUNCTION(sqrt, Sqrt)
FUNCTION(rsqrt, Rsqrt)
FUNCTION(reciprocal, Reciprocal)
