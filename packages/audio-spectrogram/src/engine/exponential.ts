/**
 * e^x for x of at most 0, with an error below 1e-15: a series over half an octave, and halvings. Math.exp and powers differ between engines in
 * the last bit; this does not.
 */
export function exponential(x: number): number {
  // Half the smallest number.
  if (x < -745.2) return 0;
  const halvings = Math.round(-x / Math.LN2);
  const rest = x + halvings * Math.LN2;
  let value = 1;
  for (let i = 15; i > 0; i--) value = 1 + (value * rest) / i;
  for (let i = halvings; i > 0; i--) value /= 2;
  return value;
}
