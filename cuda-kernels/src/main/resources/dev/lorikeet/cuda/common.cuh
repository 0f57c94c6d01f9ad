// What all kernels share: rows of numbers, element types, reductions over warps and blocks, the random generator.
//
// A kernel gets its operands as Matrix values, destination first, in the order of its Java twin. Every kernel works for
// any grid: what a block does not reach in one go, it reaches in a loop.
#ifndef LORIKEET_COMMON
#define LORIKEET_COMMON

typedef long long index_t;
typedef unsigned long long word64;

// Shared memory whose size the launch decides. (The host has its own meaning of this: see the tests.)
#ifndef DYNAMIC_SHARED
#define DYNAMIC_SHARED(name) extern __shared__ __align__(16) float name[]
#endif

#define ALL_LANES 0xFFFFFFFFu
#define INFINITE __int_as_float(0x7F800000)

// Rows of contiguous numbers: element (i, j) is data[i*stride + j].
template <class T> struct Matrix {
    T* data;
    index_t stride;
    int rows;
    int cols;

    __device__ T* row(index_t i) const { return data + i * stride; }
};

typedef Matrix<float> Rows;
typedef Matrix<const float> Inputs;

// True if four columns at a time can be moved as one.
template <class T> __device__ inline bool wide(const Matrix<T>& m) {
    return ((size_t) m.data & 15) == 0 && m.stride % 4 == 0 && m.cols % 4 == 0;
}

__device__ inline float4 load4(const float* p) { return *(const float4*) p; }
__device__ inline void store4(float* p, float4 v) { *(float4*) p = v; }

// ---- element types --------------------------------------------------------------------------------------------------

struct bf16 { unsigned short bits; };
struct f16 { unsigned short bits; };

__device__ inline float widen(float x) { return x; }
__device__ inline float widen(signed char x) { return (float) x; }
__device__ inline float widen(bf16 x) { return __int_as_float((int) ((unsigned) x.bits << 16)); }

__device__ inline float widen(f16 x) {
    unsigned sign = (x.bits & 0x8000u) << 16;
    unsigned rest = x.bits & 0x7FFFu;
    if (rest < 0x0400u) {                                                    // subnormal: a multiple of 2^-24
        float small = (float) rest * 5.9604644775390625e-8f;
        return sign != 0 ? -small : small;
    }
    unsigned exponent = rest >= 0x7C00u ? 0x70000000u : 0x38000000u;         // infinity and NaN keep the largest one
    return __int_as_float((int) (sign | ((rest << 13) + exponent)));
}

// To nearest, ties to even; NaN becomes a quiet NaN.
__device__ inline bf16 to_bf16(float x) {
    unsigned bits = (unsigned) __float_as_int(x);
    bf16 result;
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) {
        result.bits = (unsigned short) (bits >> 16 | 0x0040u);
    } else {
        result.bits = (unsigned short) ((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
    }
    return result;
}

// ---- reductions, the same in every thread afterwards ----------------------------------------------------------------

template <class T> __device__ inline T warp_sum(T value) {
    for (int distance = 16; distance > 0; distance >>= 1) {
        value += __shfl_xor_sync(ALL_LANES, value, distance);
    }
    return value;
}

// For blocks of whole warps. Every thread of the block must take part.
template <class T> __device__ inline T block_sum(T value) {
    __shared__ T parts[32];
    int lane = threadIdx.x % 32;
    int warp = threadIdx.x / 32;
    value = warp_sum(value);
    __syncthreads();                                                         // the last use of parts has been read
    if (lane == 0) {
        parts[warp] = value;
    }
    __syncthreads();
    return warp_sum(lane < (int) blockDim.x / 32 ? parts[lane] : (T) 0);
}

__device__ inline float block_max(float value) {
    __shared__ float parts[32];
    int lane = threadIdx.x % 32;
    int warp = threadIdx.x / 32;
    for (int distance = 16; distance > 0; distance >>= 1) {
        value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, distance));
    }
    __syncthreads();
    if (lane == 0) {
        parts[warp] = value;
    }
    __syncthreads();
    value = lane < (int) blockDim.x / 32 ? parts[lane] : -INFINITE;
    for (int distance = 16; distance > 0; distance >>= 1) {
        value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, distance));
    }
    return value;
}

// ---- Philox 4x32-10, as dev.lorikeet.tensor.Philox has it -----------------------------------------------------------

// `first` may be null. A step of a training run that is launched as a graph has the same arguments each time: streams
// are counted from a number in device memory then.
struct RandomKey {
    word64 seed;
    word64 stream;
    const word64* first;
};

// The same key without `first`, to be made once in each kernel.
__device__ inline RandomKey resolved(RandomKey key) {
    if (key.first != 0) {
        key.stream += *key.first;
        key.first = 0;
    }
    return key;
}

struct Words { unsigned w[4]; };

// The four words of block `block`: a pure function of seed, stream and block. The key is a resolved one.
__device__ inline Words philox(RandomKey key, word64 block) {
    unsigned c0 = (unsigned) block;
    unsigned c1 = (unsigned) (block >> 32);
    unsigned c2 = (unsigned) key.stream;
    unsigned c3 = (unsigned) (key.stream >> 32);
    unsigned k0 = (unsigned) key.seed;
    unsigned k1 = (unsigned) (key.seed >> 32);
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, c0);
        unsigned high1 = __umulhi(0xCD9E8D57u, c2);
        unsigned low0 = 0xD2511F53u * c0;
        unsigned low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    Words words;
    words.w[0] = c0;
    words.w[1] = c1;
    words.w[2] = c2;
    words.w[3] = c3;
    return words;
}

#endif
