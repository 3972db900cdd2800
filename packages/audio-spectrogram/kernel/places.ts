// AssemblyScript: where the frame kernel's numbers lie.

/**
 * Addresses of constants, each a float64 or 64 bits of an integer, since a vector in the code takes 18 bytes; then of what a plan is.
 * src/kernel/plan.ts writes them.
 */
export const ROOT_HALF: usize = 0;
export const SIN5: usize = 8;
export const SIN10: usize = 16;
export const ROOT5: usize = 24;
export const QUARTER: usize = 32;
export const SIN3: usize = 40;
export const HALF: usize = 48;
export const ONE: usize = 56;
export const INFINITY: usize = 64;
export const MINUS_INFINITY: usize = 72;
export const SMALLEST_NORMAL: usize = 80;
export const TWO_TO_54: usize = 88;
export const FROM_ROOT_HALF: usize = 96;
export const TWO_TO_52: usize = 104;
export const BIAS: usize = 112;
export const BIAS_OF_SMALL: usize = 120;
export const MANTISSA: usize = 128;
export const ROOT_HALF_BITS: usize = 136;
export const LOG_OF_2: usize = 144;
export const SERIES: usize = 152;
export const FLOOR: usize = 224;
export const PLAN: usize = 232;
