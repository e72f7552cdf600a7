/** Refuses a saved document with a histogram that is damaged, before a report reads it. */
import type * as z from "zod";
import { readBuckets } from "../stats/filled-buckets.ts";
import { checkedHistogramBytes } from "../stats/histogram.ts";

/** Of every latency in the document, at any depth. */
export function withReadableHistograms<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return schema.superRefine((document, context) => {
    forEachHistogram(document, [], (text, path) => {
      const message = damageOf(text);
      if (message !== null) context.addIssue({ code: "custom", path, message });
    });
  });
}

function damageOf(text: string): string | null {
  try {
    readBuckets(checkedHistogramBytes(text));
    return null;
  } catch (cause) {
    return `damaged histogram: ${(cause as Error).message}`;
  }
}

type Visit = (text: string, path: PropertyKey[]) => void;

function forEachHistogram(value: unknown, path: PropertyKey[], visit: Visit): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(name) : name];
    if (name === "histogram" && typeof part === "string") visit(part, at);
    else forEachHistogram(part, at, visit);
  }
}
