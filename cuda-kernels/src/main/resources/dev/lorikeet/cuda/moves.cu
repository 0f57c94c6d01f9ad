// Filling, copying, converting, gathering and scattering.
//
// Arithmetic intensity: none to speak of. Bytes that must move: what is read and what is written, once each; a gather
// reads only the rows that are asked for.
#include "common.cuh"

// ---- fill and copy of equal types: words of 1, 2, 4, 8 or 16 bytes --------------------------------------------------

template <class T> __device__ inline void fill_with(Matrix<T> dst, T value) {
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < dst.cols; j += gridDim.x * blockDim.x) {
            dst.row(i)[j] = value;
        }
    }
}

template <class T> __device__ inline void copy_to(Matrix<T> dst, Matrix<const T> src) {
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < dst.cols; j += gridDim.x * blockDim.x) {
            dst.row(i)[j] = src.row(i)[j];
        }
    }
}

extern "C" __global__ void fill_1(Matrix<unsigned char> dst, unsigned char value) { fill_with(dst, value); }
extern "C" __global__ void fill_2(Matrix<unsigned short> dst, unsigned short value) { fill_with(dst, value); }
extern "C" __global__ void fill_4(Matrix<unsigned> dst, unsigned value) { fill_with(dst, value); }
extern "C" __global__ void fill_8(Matrix<word64> dst, word64 value) { fill_with(dst, value); }

extern "C" __global__ void copy_1(Matrix<unsigned char> dst, Matrix<const unsigned char> src) { copy_to(dst, src); }
extern "C" __global__ void copy_2(Matrix<unsigned short> dst, Matrix<const unsigned short> src) { copy_to(dst, src); }
extern "C" __global__ void copy_4(Matrix<unsigned> dst, Matrix<const unsigned> src) { copy_to(dst, src); }
extern "C" __global__ void copy_8(Matrix<word64> dst, Matrix<const word64> src) { copy_to(dst, src); }
extern "C" __global__ void copy_16(Matrix<uint4> dst, Matrix<const uint4> src) { copy_to(dst, src); }

// ---- conversions that training needs often --------------------------------------------------------------------------

// dst <- src, a factor per row or per column applied if there are any
template <class T> __device__ inline void widen_to(Rows dst, Matrix<const T> src, const float* scales, int of_rows) {
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < dst.cols; j += gridDim.x * blockDim.x) {
            float value = widen(src.row(i)[j]);
            dst.row(i)[j] = scales == 0 ? value : value * scales[of_rows ? i : j];
        }
    }
}

extern "C" __global__ void widen_bf16(Rows dst, Matrix<const bf16> src, const float* scales, int of_rows) {
    widen_to(dst, src, scales, of_rows);
}

extern "C" __global__ void widen_f16(Rows dst, Matrix<const f16> src, const float* scales, int of_rows) {
    widen_to(dst, src, scales, of_rows);
}

extern "C" __global__ void widen_i8(Rows dst, Matrix<const signed char> src, const float* scales, int of_rows) {
    widen_to(dst, src, scales, of_rows);
}

extern "C" __global__ void narrow_bf16(Matrix<bf16> dst, Inputs src) {
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < dst.cols; j += gridDim.x * blockDim.x) {
            dst.row(i)[j] = to_bf16(src.row(i)[j]);
        }
    }
}

// ---- conversions between any two types, through a double that is rounded once ---------------------------------------

// The order of dev.lorikeet.tensor.DType.
enum Type { F64, F32, BF16, F16, I64, I32, I16, I8, U8, BOOL };

// Cut to F32 with the last bit set if anything was lost: a later rounding to fewer bits sees that it is no tie.
__device__ inline float round_to_odd(double value) {
    float nearest = (float) value;
    if ((double) nearest == value || nearest != nearest || fabsf(nearest) == INFINITE) {
        return nearest;
    }
    int bits = __float_as_int(nearest);
    bool away_from_zero = fabs((double) nearest) > fabs(value);
    return __int_as_float((away_from_zero ? bits - 1 : bits) | 1);
}

__device__ inline unsigned short to_f16(float x) {
    unsigned bits = (unsigned) __float_as_int(x);
    unsigned sign = bits >> 16 & 0x8000u;
    bits &= 0x7FFFFFFFu;
    if (bits > 0x7F800000u) {
        return (unsigned short) (sign | 0x7E00u);
    }
    if (bits >= 0x47800000u) {                                               // 65536 and beyond
        return (unsigned short) (sign | 0x7C00u);
    }
    if (bits < 0x38800000u) {                                                // below 2^-14: a multiple of 2^-24
        return (unsigned short) (sign | (unsigned) rintf(__int_as_float((int) bits) * 16777216.0f));
    }
    bits += 0x0FFFu + (bits >> 13 & 1u);
    return (unsigned short) (sign | (bits - 0x38000000u) >> 13);
}

__device__ inline double read(const void* data, index_t at, int type) {
    switch (type) {
        case F64: return ((const double*) data)[at];
        case F32: return ((const float*) data)[at];
        case BF16: return widen(((const bf16*) data)[at]);
        case F16: return widen(((const f16*) data)[at]);
        case I64: return (double) ((const index_t*) data)[at];
        case I32: return ((const int*) data)[at];
        case I16: return ((const short*) data)[at];
        case I8: return ((const signed char*) data)[at];
        case U8: return ((const unsigned char*) data)[at];
        default: return ((const unsigned char*) data)[at] == 0 ? 0 : 1;
    }
}

__device__ inline double between(double value, double lowest, double highest) {
    return value != value ? 0 : fmin(fmax(rint(value), lowest), highest);
}

__device__ inline index_t to_i64(double value) {
    if (value >= 9223372036854775807.0) {
        return 0x7FFFFFFFFFFFFFFFll;
    }
    return (index_t) between(value, -9223372036854775808.0, 9223372036854774784.0);
}

__device__ inline void write(void* data, index_t at, int type, double value) {
    switch (type) {
        case F64: ((double*) data)[at] = value; break;
        case F32: ((float*) data)[at] = (float) value; break;
        case BF16: ((bf16*) data)[at] = to_bf16(round_to_odd(value)); break;
        case F16: ((unsigned short*) data)[at] = to_f16(round_to_odd(value)); break;
        case I64: ((index_t*) data)[at] = to_i64(value); break;
        case I32: ((int*) data)[at] = (int) between(value, -2147483648.0, 2147483647.0); break;
        case I16: ((short*) data)[at] = (short) between(value, -32768, 32767); break;
        case I8: ((signed char*) data)[at] = (signed char) between(value, -128, 127); break;
        case U8: ((unsigned char*) data)[at] = (unsigned char) between(value, 0, 255); break;
        default: ((unsigned char*) data)[at] = value == 0 ? 0 : 1;
    }
}

// dst <- src from any type to any other; scales of src as in widen_to
extern "C" __global__ void convert(Matrix<unsigned char> dst, int to, Matrix<const unsigned char> src, int from,
        const float* scales, int of_rows) {
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < dst.cols; j += gridDim.x * blockDim.x) {
            double value = read(src.data, i * src.stride + j, from);
            if (scales != 0) {
                value *= scales[of_rows ? i : j];
            }
            write(dst.data, i * dst.stride + j, to, value);
        }
    }
}

// ---- single elements ------------------------------------------------------------------------------------------------

// dst[i] <- src[index[i]], 0 where the index is negative
extern "C" __global__ void take(float* dst, const float* src, const int* index, index_t n) {
    for (index_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        dst[i] = index[i] < 0 ? 0.0f : src[index[i]];
    }
}

// dx[index[i]] += dy[i] in the order of i. The first i that names an element adds all that name it: no atomics, the
// same sum every time. n*n comparisons at most, of indices that stay in the cache.
extern "C" __global__ void take_backward(float* dx, const float* dy, const int* index, index_t n) {
    for (index_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        int target = index[i];
        bool first = target >= 0;
        for (index_t j = 0; j < i && first; j++) {
            first = index[j] != target;
        }
        if (first) {
            float sum = dx[target];
            for (index_t j = i; j < n; j++) {
                sum += index[j] == target ? dy[j] : 0.0f;
            }
            dx[target] = sum;
        }
    }
}

// ---- rows -----------------------------------------------------------------------------------------------------------

// dst[i] <- beta*dst[i] + table[ids[i]]; a negative id contributes nothing
template <class T> __device__ inline void gather(Rows dst, Matrix<const T> table, const int* ids, float beta,
        const float* scales, int of_rows) {
    for (index_t i = blockIdx.y; i < dst.rows; i += gridDim.y) {
        int id = ids[i];
        float* d = dst.row(i);
        const T* row = table.row(id);
        for (int j = blockIdx.x * blockDim.x + threadIdx.x; j < dst.cols; j += gridDim.x * blockDim.x) {
            float value = id < 0 ? 0.0f : widen(row[j]);
            if (scales != 0 && id >= 0) {
                value *= scales[of_rows ? id : j];
            }
            d[j] = beta == 0 ? value : beta * d[j] + value;
        }
    }
}

extern "C" __global__ void gather_rows_f32(Rows dst, Inputs table, const int* ids, float beta, const float* scales,
        int of_rows) {
    gather(dst, table, ids, beta, scales, of_rows);
}

extern "C" __global__ void gather_rows_bf16(Rows dst, Matrix<const bf16> table, const int* ids, float beta,
        const float* scales, int of_rows) {
    gather(dst, table, ids, beta, scales, of_rows);
}

extern "C" __global__ void gather_rows_f16(Rows dst, Matrix<const f16> table, const int* ids, float beta,
        const float* scales, int of_rows) {
    gather(dst, table, ids, beta, scales, of_rows);
}

extern "C" __global__ void gather_rows_i8(Rows dst, Matrix<const signed char> table, const int* ids, float beta,
        const float* scales, int of_rows) {
    gather(dst, table, ids, beta, scales, of_rows);
}

// dtable[ids[i]] += dy[i] in the order of i. As in take_backward the first row with an id adds all rows with it: a
// block looks for an earlier one with all its threads, then each thread sums its columns.
extern "C" __global__ void scatter_add_rows(Rows dtable, Inputs dy, const int* ids) {
    for (index_t i = blockIdx.y; i < dy.rows; i += gridDim.y) {
        int id = ids[i];
        int earlier = id < 0;
        for (index_t j = threadIdx.x; j < i; j += blockDim.x) {
            earlier |= ids[j] == id;
        }
        if (__syncthreads_or(earlier)) {
            continue;
        }
        for (int c = blockIdx.x * blockDim.x + threadIdx.x; c < dy.cols; c += gridDim.x * blockDim.x) {
            float sum = dtable.row(id)[c];
            for (index_t j = i; j < dy.rows; j++) {
                if (ids[j] == id) {
                    sum += dy.row(j)[c];
                }
            }
            dtable.row(id)[c] = sum;
        }
    }
}
