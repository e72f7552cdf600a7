/**
 * Writes whole numbers with separators. Node's own formatting loads the data of all languages at its
 * first use, which takes longer than everything else that a short command does.
 */

/** `1,234,567`; half of a unit is rounded away from zero. */
export function withThousands(value: number): string {
  const digits = String(Math.sign(value) * Math.round(Math.abs(value)));
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}
