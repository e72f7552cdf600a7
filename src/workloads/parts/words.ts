/** Words for what the workloads of a key space share: sizes, values and the order of keys. */
import type { KeySpace } from "../../plan/key-space.ts";
import type { Values } from "../../plan/value-size.ts";
import { formatCount } from "../../tables/number-format.ts";

/** Only of keys that are not drawn evenly. */
export function describeOrder({ sequential, popularity }: KeySpace): string {
  return sequential || popularity === "uniform" ? "" : `, ${popularity} keys`;
}

/** Exact, since two runs compare only where these are the same. */
export function describeSizes(keySizeBytes: number, values: Values): string {
  return `key ${formatCount(keySizeBytes)} B, ${describeValues(values)}`;
}

/** `value 256 B`, `value 1,024 to 65,536 B`, `value lognormal, median 4,096 B, sigma 1.5, at most 9,000 B`. */
export function describeValues({ valSizeBytes, valueSize }: Values): string {
  const mean = `mean ${formatCount(valSizeBytes)} B`;
  switch (valueSize?.kind) {
    case undefined:
      return `value ${formatCount(valSizeBytes)} B`;
    case "uniform": {
      const { minBytes, maxBytes } = valueSize;
      return `value ${formatCount(minBytes)} to ${formatCount(maxBytes)} B (${mean})`;
    }
    case "lognormal": {
      const { medianBytes, sigma, maxBytes } = valueSize;
      const shape = `median ${formatCount(medianBytes)} B, sigma ${sigma}`;
      return `value lognormal (${shape}, at most ${formatCount(maxBytes)} B, ${mean})`;
    }
  }
}
