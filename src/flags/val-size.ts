/** The sizes of values as a user writes them: `256`, `1KiB..64KiB`, or `lognormal:4KiB,1.5`. */
import { badValue, formatSize, parseSizeBytes } from "../units.ts";
import { parsed } from "./vocabulary.ts";

/** Each client holds a request of its own in memory. */
const MAX_VALUE_BYTES = 64 * 2 ** 20;
/** Beyond it most values would be of the least or the greatest size. */
const MAX_SIGMA = 5;
const EXAMPLE = "lognormal:4KiB,1.5";

/** `text` is what the user wrote, for notes and errors. */
export type ValSize = { text: string } & (
  | { kind: "one"; bytes: number }
  | { kind: "uniform"; minBytes: number; maxBytes: number }
  | { kind: "lognormal"; medianBytes: number; sigma: number }
);

export const VAL_SIZE = parsed(
  {
    group: "Workload:",
    name: "val-size",
    default: "8",
    describe:
      "bytes of each value: 256; 1KiB..64KiB, uniform; or lognormal:4KiB,1.5 (median, sigma)",
  },
  { parse: parseValSize, format: formatValSize },
);

/** @throws BenchError (usage) where the text is neither a size nor a distribution of some */
export function parseValSize(flag: string, text: string): ValSize {
  const [name, parameters] = text.split(":", 2);
  if (parameters !== undefined) {
    const [medianText = "", sigmaText = "", ...more] = parameters.split(",");
    const sigma = /^(\d+\.?\d*|\.\d+)$/.test(sigmaText) ? Number(sigmaText) : Number.NaN;
    if (name !== "lognormal" || more.length > 0 || !(sigma > 0 && sigma <= MAX_SIGMA)) {
      throw badValue(
        flag,
        text,
        `lognormal:MEDIAN,SIGMA with a sigma above 0, to ${MAX_SIGMA}`,
        EXAMPLE,
      );
    }
    const medianBytes = sizeOf(flag, medianText, text, EXAMPLE, 1);
    return { text, kind: "lognormal", medianBytes, sigma };
  }
  const ends = text.split("..");
  if (ends.length !== 2) {
    return { text, kind: "one", bytes: sizeOf(flag, text, text, "256") };
  }
  const [minBytes, maxBytes] = ends.map((end) => sizeOf(flag, end, text, "1KiB..64KiB"));
  if (minBytes! >= maxBytes!) {
    throw badValue(flag, text, "MIN..MAX with MIN below MAX", "1KiB..64KiB");
  }
  return { text, kind: "uniform", minBytes: minBytes!, maxBytes: maxBytes! };
}

export function formatValSize(size: ValSize): string {
  switch (size.kind) {
    case "one":
      return String(size.bytes);
    case "uniform":
      return `${formatSize(size.minBytes)}..${formatSize(size.maxBytes)}`;
    case "lognormal":
      return `lognormal:${formatSize(size.medianBytes)},${size.sigma}`;
  }
}

/** A part of the flag's value; an error shows all of it. */
function sizeOf(flag: string, part: string, text: string, example: string, min = 0): number {
  if (part !== text && !/^\d/.test(part)) {
    throw badValue(flag, text, "a size, MIN..MAX or lognormal:MEDIAN,SIGMA", example);
  }
  return parseSizeBytes(flag, part, { min, max: MAX_VALUE_BYTES, example });
}
