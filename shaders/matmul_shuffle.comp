// C = A x B for devices with subgroups of 8 lanes and no fast shared memory (llvmpipe): a register tile per subgroup,
// no shared memory, no barrier.
//
// A workgroup is one subgroup and computes ROWS x COLUMNS of C. Every step takes 4 k. The lanes together load the
// tile's 4 x ROWS elements of A once, and subgroupShuffle broadcasts each element to the lanes that need it. A lane
// owns 4 contiguous columns (8 when COLUMNS is 64), so it loads B for itself alone.
//
// Defined before this text:
//   extensions  GL_KHR_shader_subgroup_basic, GL_KHR_shader_subgroup_shuffle, GL_EXT_control_flow_attributes
//   #define     M N K BATCHES ROWS COLUMNS (uint literals), A_ALONG_K B_ALONG_K (plain 0 or 1),
//               A_SLOTS (ROWS / 8) and B_SLOTS (see below), uint literals
//               ROWS: a multiple of 8 (of 16 when COLUMNS is 16); COLUMNS: 16, 32 or 64
//               B_SLOTS: 1 for COLUMNS 16 and 32, 2 for 64; four times that when B_ALONG_K
//               DOWN_FIRST (plain 0 or 1: the order of tiles), OCTETS, UNROLLED_STORES (plain 0 or 1)
//   hooks       prepare_a, prepare_b, load_a, load_b, and store or, where OCTETS is 1, store_pair, which every lane
//               calls, also for elements out of bounds; their own globals must not take the names below
// Workgroups: ceil(M / ROWS) * ceil(N / COLUMNS) * BATCHES Loop iterations of an invocation: ceil(K / 4), which must
// stay below 65,535 on llvmpipe.

const uint $row_tiles = ($M + $ROWS - 1u) / $ROWS;
const uint $column_tiles = ($N + $COLUMNS - 1u) / $COLUMNS;
const uint $groups = $row_tiles * $column_tiles * $BATCHES;
// COLUMNS 16 takes 4 lanes side by side; the other 4 lanes then own other rows.
const uint $lanes_across = $COLUMNS == 16u ? 4u : 8u;
const uint $lanes_down = 8u / $lanes_across;
const uint $lane_rows = $ROWS / $lanes_down;
const uint $quads = $COLUMNS / (4u * $lanes_across);
const uint $last_row_quad = ($M - 1u) / 4u * 4u;
const uint $last_column_quad = ($N - 1u) / 4u * 4u;

// The tile row of the r-th row of a lane in lane row `down`. The rows of a lane come in runs of 4, so that the
// component and the slot of an element of A are constants for both layouts of A.
uint $tile_row(uint r, uint down) {
  return $lanes_down == 1u ? r : r / 4u * 8u + down * 4u + r % 4u;
}

// False for rows out of bounds when there is a single tile; a compile-time constant.
bool $has_row(uint r) {
  return $row_tiles > 1u || $tile_row(r, 0u) < $M;
}

void $run(uint group) {
  // Grids of up to 65,535 workgroups are launched exactly, without surplus ones. On llvmpipe a branch around the
  // whole body masks every access.
  if ($groups <= 65535u || group < $groups) {
    uint lane = gl_SubgroupInvocationID;
    uint across = lane % $lanes_across;
    uint down = lane / $lanes_across;
#if $DOWN_FIRST
    // Adjacent workgroups share the columns of B, where there are too many columns to stay in the cache.
    uint first_row = group % $row_tiles * $ROWS;
    uint first_column = group / $row_tiles % $column_tiles * $COLUMNS;
#else
    // Adjacent workgroups write adjacent memory.
    uint first_row = group / $column_tiles % $row_tiles * $ROWS;
    uint first_column = group % $column_tiles * $COLUMNS;
#endif
    uint batch = group / ($row_tiles * $column_tiles);

    uint a_row[$A_SLOTS];
    [[unroll]] for (uint s = 0u; s < $A_SLOTS; ++s) {
#if $A_ALONG_K
      a_row[s] = min(first_row + 8u * s + lane, $last_row_quad + 3u);
#else
      a_row[s] = min(first_row + 8u * s + lane / 4u * 4u, $last_row_quad);
#endif
      $prepare_a(s, batch, a_row[s]);
    }
    uint b_column[$B_SLOTS];
    [[unroll]] for (uint s = 0u; s < $B_SLOTS; ++s) {
#if $B_ALONG_K
      b_column[s] = min(first_column + (s / 4u * $lanes_across + across) * 4u + s % 4u, $last_column_quad + 3u);
#else
      b_column[s] = min(first_column + (s * $lanes_across + across) * 4u, $last_column_quad);
#endif
      $prepare_b(s, batch, b_column[s]);
    }

    vec4 sum[$lane_rows * $quads];
    [[unroll]] for (uint i = 0u; i < $lane_rows * $quads; ++i) sum[i] = vec4(0.0);

    [[dont_unroll]] for (uint k = 0u; k < $K; k += 4u) {
      vec4 a[$A_SLOTS];
      [[unroll]] for (uint s = 0u; s < $A_SLOTS; ++s) {
#if $A_ALONG_K
        a[s] = $load_a(s, batch, a_row[s], k);
#else
        a[s] = $load_a(s, batch, a_row[s], k + lane % 4u);
#endif
      }
      vec4 b[4u * $quads];
#if $B_ALONG_K
      [[unroll]] for (uint q = 0u; q < $quads; ++q) {
        vec4 c0 = $load_b(4u * q, batch, k, b_column[4u * q]);
        vec4 c1 = $load_b(4u * q + 1u, batch, k, b_column[4u * q + 1u]);
        vec4 c2 = $load_b(4u * q + 2u, batch, k, b_column[4u * q + 2u]);
        vec4 c3 = $load_b(4u * q + 3u, batch, k, b_column[4u * q + 3u]);
        [[unroll]] for (uint i = 0u; i < 4u; ++i) b[i * $quads + q] = vec4(c0[i], c1[i], c2[i], c3[i]);
      }
#else
      [[unroll]] for (uint i = 0u; i < 4u; ++i) {
        [[unroll]] for (uint q = 0u; q < $quads; ++q) b[i * $quads + q] = $load_b(q, batch, k + i, b_column[q]);
      }
#endif
      // Rows in the outer loop and k in the inner one, so that a row's sums stay in registers for 4 k.
      [[unroll]] for (uint r = 0u; r < $lane_rows; ++r) {
        if (!$has_row(r)) continue;
        [[unroll]] for (uint i = 0u; i < 4u; ++i) {
          uint row = $tile_row(r, 0u);
#if $A_ALONG_K
          float x = subgroupShuffle(a[row / 8u][i], row % 8u + down * 4u);
#else
          float x = subgroupShuffle(a[row / 8u][row % 4u], row % 8u / 4u * 4u + i + down * 4u);
#endif
          [[unroll]] for (uint q = 0u; q < $quads; ++q) sum[r * $quads + q] += x * b[i * $quads + q];
        }
      }
    }

#if !$UNROLLED_STORES
    // A copy, so that only it is indexed by a variable and the sums stay in registers.
    vec4 results[$lane_rows * $quads];
    [[unroll]] for (uint i = 0u; i < $lane_rows * $quads; ++i) results[i] = sum[i];
#endif
    [[unroll]] for (uint q = 0u; q < $quads; ++q) {
      uint column = first_column + (q * $lanes_across + across) * 4u;
#if $OCTETS
      [[unroll]] for (uint pair = 0u; pair < $lane_rows / 2u; ++pair) {
        // The rows of a pair are two apart, so that both are even or both are odd.
        uint r = pair / 2u * 4u + pair % 2u;
        if (!$has_row(r)) continue;
        $store_pair(batch, first_row + $tile_row(r, down), column, r % 2u, sum[r * $quads + q],
                   sum[(r + 2u) * $quads + q]);
      }
#else
      if ($N % $COLUMNS == 0u || column < $N) {
#if $UNROLLED_STORES
        [[unroll]] for (uint r = 0u; r < $lane_rows; ++r) {
          if (!$has_row(r)) continue;
          uint row = first_row + $tile_row(r, down);
          if ($M % $ROWS == 0u || row < $M) $store(batch, row, column, sum[r * $quads + q]);
        }
#else
        [[dont_unroll]] for (uint r = 0u; r < $lane_rows; ++r) {
          uint row = first_row + $tile_row(r, down);
          if ($has_row(r) && ($M % $ROWS == 0u || row < $M)) $store(batch, row, column, results[r * $quads + q]);
        }
#endif
      }
#endif
    }
  }
}
