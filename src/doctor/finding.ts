/** What the doctor says of one thing that it looked at. */

/** In the order in which they are reported, and in which a cause explains those after it. */
export const CAUSES = [
  "stability",
  "cpu",
  "disk",
  "network",
  "requests",
  "database",
  "watches",
  "leases",
  "configuration",
  "client",
] as const;

export type Cause = (typeof CAUSES)[number];

/** `not known`: what would tell was not there, or too little of it. */
export const VERDICTS = ["fine", "not known", "suspect", "too slow"] as const;

export type Verdict = (typeof VERDICTS)[number];

/** How sure it is that the figure is of this cause, and no accident of the window. */
export const CONFIDENCES = ["low", "medium", "high"] as const;

export type Confidence = (typeof CONFIDENCES)[number];

export const UNITS = ["ms", "bytes", "share", "count", "per second", "seconds", "text"] as const;

export type FigureUnit = (typeof UNITS)[number];

export interface Finding {
  cause: Cause;
  verdict: Verdict;
  /** Its name; null: of the cluster as a whole, or of the client. */
  member: string | null;
  /** What was looked at: `fsync of the log`. */
  what: string;
  /** What was found, in words: `p99 between 8 and 16 ms, mean 4.2 ms, 312 of them`. */
  figure: string;
  /** The figure as a number, where it is one: of a range its upper end. */
  value: number | null;
  unit: FigureUnit;
  /** `p99 < 10 ms`; null where there is none. */
  bound: string | null;
  /** Who gives the bound: `etcd FAQ`. */
  source: string | null;
  confidence: Confidence;
  /** Another cause makes it as often as this one does: it is no principal cause while there is one. */
  isSymptom: boolean;
  /** The one command to look further; null where there is nothing to look for. */
  nextCommand: string | null;
}
