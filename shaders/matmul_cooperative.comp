// C = A x B on matrix units, with 16-bit factors and 32-bit sums. Four subgroups, two by two, compute TILE_M x TILE_N
// of C. Each holds its quarter as matrices of UNIT_M x UNIT_N distributed over its lanes.
//
// Double buffering: while a block of TILE_K is multiplied from shared memory, the next one is loaded into registers.
// Loaded factors are packed two to a word. They lie in shared memory along the axis along which they were loaded.
// Sums go through a patch of shared memory, one matrix of each subgroup at a time, to the store hook.
//
// Defined before this text:
//   extensions  GL_EXT_control_flow_attributes, GL_KHR_shader_subgroup_basic, GL_KHR_memory_scope_semantics,
//               and GL_KHR_cooperative_matrix (with GL_EXT_bfloat16 for bf16) or GL_NV_cooperative_matrix;
//               GL_EXT_shader_explicit_arithmetic_types_float16 for f16
//   #define     M N K BATCHES TILE_M TILE_N TILE_K UNIT_M UNIT_N UNIT_K LANES A_SLOTS B_SLOTS (uint literals;
//               units are multiples of 8, the first two tile sizes are multiples of two units, TILE_K of one;
//               LANES is the size of a subgroup; slots as for matmul_tiled.comp with 4 * LANES threads),
//               A_ALONG_K B_ALONG_K KHR BF16 (plain 0 or 1), EACH_UNIT(f), which is f(0u) f(1u) ... for
//               TILE_M * TILE_N / (4 * UNIT_M * UNIT_N) units
//   hooks       prepare_a, prepare_b, load_a, load_b, store; their own globals must not take the names below.
//               Loaded values are already rounded to 16 bits
// Workgroups: ceil(M / TILE_M) * ceil(N / TILE_N) * BATCHES

#if KHR
#if BF16
#define FACTOR bfloat16_t
#else
#define FACTOR float16_t
#endif
#define LEFT coopmat<FACTOR, gl_ScopeSubgroup, UNIT_M, UNIT_K, gl_MatrixUseA>
#define RIGHT coopmat<FACTOR, gl_ScopeSubgroup, UNIT_K, UNIT_N, gl_MatrixUseB>
#define SUM coopmat<float, gl_ScopeSubgroup, UNIT_M, UNIT_N, gl_MatrixUseAccumulator>
#define ROW_MAJOR gl_CooperativeMatrixLayoutRowMajor
#define COLUMN_MAJOR gl_CooperativeMatrixLayoutColumnMajor
#define MATRIX_LOAD coopMatLoad
#define MATRIX_STORE coopMatStore
#define MATRIX_MULTIPLY_ADD coopMatMulAdd
#else
#define LEFT fcoopmatNV<16, gl_ScopeSubgroup, UNIT_M, UNIT_K>
#define RIGHT fcoopmatNV<16, gl_ScopeSubgroup, UNIT_K, UNIT_N>
#define SUM fcoopmatNV<32, gl_ScopeSubgroup, UNIT_M, UNIT_N>
#define ROW_MAJOR false
#define COLUMN_MAJOR true
#define MATRIX_LOAD coopMatLoadNV
#define MATRIX_STORE coopMatStoreNV
#define MATRIX_MULTIPLY_ADD coopMatMulAddNV
#endif

const uint threads = 4u * LANES;

const uint row_tiles = (M + TILE_M - 1u) / TILE_M;
const uint column_tiles = (N + TILE_N - 1u) / TILE_N;
const uint groups = row_tiles * column_tiles * BATCHES;
const uint k_quads = TILE_K / 4u;
const uint a_loads = TILE_M * k_quads;
const uint b_loads = TILE_N * k_quads;
const uint last_row_quad = (M - 1u) / 4u * 4u;
const uint last_column_quad = (N - 1u) / 4u * 4u;
const uint units_down = TILE_M / (2u * UNIT_M);
const uint units_across = TILE_N / (2u * UNIT_N);
const uint unit_size = UNIT_M * UNIT_N;

// Lines of a tile are padded by 16 bytes against bank conflicts; loads of matrices require an alignment no smaller
// than that.
#if A_ALONG_K
#define A_LAYOUT ROW_MAJOR
const uint a_pitch = k_quads + 2u;
const uint a_lines = TILE_M;
uint a_place(uint e) { return e / k_quads; }
uint a_depth(uint e) { return e % k_quads * 4u; }
uint a_at(uint row, uint k) { return row * a_pitch + k / 4u; }
#else
#define A_LAYOUT COLUMN_MAJOR
const uint a_pitch = TILE_M / 4u + 2u;
const uint a_lines = TILE_K;
uint a_place(uint e) { return e % (TILE_M / 4u) * 4u; }
uint a_depth(uint e) { return e / (TILE_M / 4u); }
uint a_at(uint row, uint k) { return k * a_pitch + row / 4u; }
#endif
#if B_ALONG_K
#define B_LAYOUT COLUMN_MAJOR
const uint b_pitch = k_quads + 2u;
const uint b_lines = TILE_N;
uint b_place(uint e) { return e / k_quads; }
uint b_depth(uint e) { return e % k_quads * 4u; }
uint b_at(uint k, uint column) { return column * b_pitch + k / 4u; }
#else
#define B_LAYOUT ROW_MAJOR
const uint b_pitch = TILE_N / 4u + 2u;
const uint b_lines = TILE_K;
uint b_place(uint e) { return e % (TILE_N / 4u) * 4u; }
uint b_depth(uint e) { return e / (TILE_N / 4u); }
uint b_at(uint k, uint column) { return k * b_pitch + column / 4u; }
#endif

shared uvec2 a_tile[a_lines * a_pitch];
shared uvec2 b_tile[b_lines * b_pitch];
shared float patches[4u * unit_size];

uvec2 packed(vec4 x) {
#if BF16
  return floatBitsToUint(x.xz) >> 16 | floatBitsToUint(x.yw) & 0xffff0000u;
#else
  return uvec2(packHalf2x16(x.xy), packHalf2x16(x.zw));
#endif
}

uint clamped_row(uint first_row, uint e) {
  return min(first_row + a_place(e), A_ALONG_K == 1 ? last_row_quad + 3u : last_row_quad);
}

uint clamped_column(uint first_column, uint e) {
  return min(first_column + b_place(e), B_ALONG_K == 1 ? last_column_quad + 3u : last_column_quad);
}

void fetch(uint batch, uint first_row, uint first_column, uint first_k, out uvec2 a_next[A_SLOTS],
           out uvec2 b_next[B_SLOTS]) {
  [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    uint k = first_k + a_depth(e);
    a_next[s] = uvec2(0u);
    if ((a_loads % threads == 0u || e < a_loads) && (K % TILE_K == 0u || k < K))
      a_next[s] = packed(load_a(s, batch, clamped_row(first_row, e), k));
  }
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    uint k = first_k + b_depth(e);
    b_next[s] = uvec2(0u);
    if ((b_loads % threads == 0u || e < b_loads) && (K % TILE_K == 0u || k < K))
      b_next[s] = packed(load_b(s, batch, k, clamped_column(first_column, e)));
  }
}

void share(uvec2 a_next[A_SLOTS], uvec2 b_next[B_SLOTS]) {
  [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    if (a_loads % threads == 0u || e < a_loads) a_tile[a_at(a_place(e), a_depth(e))] = a_next[s];
  }
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    if (b_loads % threads == 0u || e < b_loads) b_tile[b_at(b_depth(e), b_place(e))] = b_next[s];
  }
}

// Stores the contents of this subgroup's patch.
void store_patch(uint batch, uint row, uint column) {
  for (uint e = gl_SubgroupInvocationID * 4u; e < unit_size; e += LANES * 4u) {
    uint at = gl_SubgroupID * unit_size + e;
    if ((M % TILE_M == 0u || row + e / UNIT_N < M) && (N % TILE_N == 0u || column + e % UNIT_N < N))
      store(batch, row + e / UNIT_N, column + e % UNIT_N,
            vec4(patches[at], patches[at + 1u], patches[at + 2u], patches[at + 3u]));
  }
}

// Expanded by the preprocessor for each unit: an NVIDIA driver does not unroll a loop over the units, and spills sums
// indexed by a variable to memory even during accumulation (on an H200 the whole product took five times as long).
#define STORE_UNIT(u)                                                                              \
  MATRIX_STORE(sums[u], patches, gl_SubgroupID * unit_size, UNIT_N, ROW_MAJOR);                    \
  subgroupBarrier();                                                                               \
  store_patch(batch, own_row + u / units_across * UNIT_M, own_column + u % units_across * UNIT_N); \
  subgroupBarrier();

void run(uint group) {
  // The condition is uniform in the workgroup, so all invocations or none reach the barriers inside.
  if (groups <= 65535u || group < groups) {
    uint first_row = group % row_tiles * TILE_M;
    uint first_column = group / row_tiles % column_tiles * TILE_N;
    uint batch = group / (row_tiles * column_tiles);
    // The quarter of the tile that belongs to this subgroup.
    uint quarter_row = gl_SubgroupID / 2u * (TILE_M / 2u);
    uint quarter_column = gl_SubgroupID % 2u * (TILE_N / 2u);
    [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s)
      prepare_a(s, batch, clamped_row(first_row, gl_LocalInvocationIndex + s * threads));
    [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s)
      prepare_b(s, batch, clamped_column(first_column, gl_LocalInvocationIndex + s * threads));

    SUM sums[units_down * units_across];
    [[unroll]] for (uint i = 0u; i < units_down * units_across; ++i) sums[i] = SUM(0.0);
    uvec2 a_next[A_SLOTS];
    uvec2 b_next[B_SLOTS];
    fetch(batch, first_row, first_column, 0u, a_next, b_next);
    [[dont_unroll]] for (uint first_k = 0u; first_k < K; first_k += TILE_K) {
      share(a_next, b_next);
      barrier();
      if (first_k + TILE_K < K) fetch(batch, first_row, first_column, first_k + TILE_K, a_next, b_next);
      [[unroll]] for (uint k = 0u; k < TILE_K; k += UNIT_K) {
        RIGHT right[units_across];
        [[unroll]] for (uint j = 0u; j < units_across; ++j)
          MATRIX_LOAD(right[j], b_tile, b_at(k, quarter_column + j * UNIT_N), b_pitch, B_LAYOUT);
        [[unroll]] for (uint i = 0u; i < units_down; ++i) {
          LEFT left;
          MATRIX_LOAD(left, a_tile, a_at(quarter_row + i * UNIT_M, k), a_pitch, A_LAYOUT);
          [[unroll]] for (uint j = 0u; j < units_across; ++j)
            sums[i * units_across + j] = MATRIX_MULTIPLY_ADD(left, right[j], sums[i * units_across + j]);
        }
      }
      barrier();
    }

    uint own_row = first_row + quarter_row;
    uint own_column = first_column + quarter_column;
    EACH_UNIT(STORE_UNIT)
  }
}
