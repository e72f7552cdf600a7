/** A share with digits enough to be compared with another: `4.98%`. */
import { ABSENT } from "../../tables/number-format.ts";

export function exactPercent(share: number | null): string {
  return share === null ? ABSENT : `${(share * 100).toFixed(2)}%`;
}
