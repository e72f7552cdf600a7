/**
 * Owns the flags that make a plan, as they come from a command line: raw text by the name of the
 * flag, absent where the person did not give it.
 */
import { usageError } from "../errors.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseCount } from "./units.ts";

export interface PlanFlags {
  endpoints?: string;
  /** Looked up before the plan is made: `endpoints` then holds what was found. */
  "discovery-srv"?: string;
  "discovery-srv-name"?: string;
  "target-leader"?: boolean;
  "metrics-endpoints"?: string;
  local?: string;
  etcd?: string;
  "auto-sync-interval"?: string;
  force?: boolean;
  tls?: boolean;
  auth?: string;

  cacert?: string;
  cert?: string;
  key?: string;
  "tls-server-name"?: string;
  "insecure-skip-tls-verify"?: boolean;
  /** `name` or `name:password`. */
  user?: string;

  conns?: string;
  clients?: string;
  workers?: string;
  transport?: string;
  timeout?: string;
  "dial-timeout"?: string;
  seed?: string;

  rate?: string;
  arrival?: string;
  pacing?: string;
  total?: string;
  duration?: string;
  warmup?: string;

  "key-size"?: string;
  "val-size"?: string;
  "key-space-size"?: string;
  "sequential-keys"?: boolean;
  popularity?: string;
  /** Of every key; for range it is a switch: all keys that start with the named one. */
  prefix?: string | boolean;
  "key-encoding"?: string;
  "txn-ops"?: string;
  "new-stream"?: boolean;
  isolation?: string;
  keys?: string;
  "keys-per-txn"?: string;
  "txn-wr-percent"?: string;
  "stm-locker"?: string;
  ttl?: string;
  "keys-per-lease"?: string;
  expire?: boolean;
  locks?: string;
  locker?: string;
  elections?: string;
  proclaims?: string;
  hold?: string;
  cleanup?: boolean;
  mix?: string;
  "scan-length"?: string;
  scenario?: string;
  nodes?: string;
  pods?: string;
  "pod-size"?: string;
  "conflict-rate"?: string;
  relists?: string;
  "event-ttl"?: string;
  "rw-ratio"?: string;
  "end-key"?: string;
  streams?: string;
  "watch-per-stream"?: string;
  "watchers-per-stream"?: string;
  "watched-key-total"?: string;
  "put-rate"?: string;
  "put-total"?: string;
  prevkv?: boolean;
  watchers?: string;
  events?: string;
  "read-rate"?: string;
  "progress-notify"?: boolean;
  consistency?: string;
  limit?: string;
  "count-only"?: boolean;
  "keys-only"?: boolean;
  sort?: string;
  paginate?: boolean;
  stream?: boolean;

  "compact-interval"?: string;
  "compact-index-delta"?: string;
  /** Times after the start, with commas between. */
  "defrag-at"?: string;
  "defrag-member"?: string;
  /** The load of compact and defrag. */
  foreground?: string;

  "find-max"?: string[];
  "find-start"?: string;
  "find-step-duration"?: string;
  "find-precision"?: string;

  "max-error-rate"?: string;
  threshold?: string[];
  strict?: boolean;
  "check-hashkv"?: boolean;
  label?: string[];
}

type DefaultedFlag = keyof typeof DEFAULTS;

/** The text given, or the default's. */
export function textOf(flags: PlanFlags, name: DefaultedFlag): string {
  // Only range's --prefix is a switch, and nothing asks for its text.
  return (flags[name] as string | undefined) ?? DEFAULTS[name];
}

/** A whole number of at least `min` and at most `max`, from the flag or its default. */
export function countOf(flags: PlanFlags, name: DefaultedFlag, max: number, min = 1): number {
  const example = DEFAULTS[name];
  return parseCount(`--${name}`, textOf(flags, name), { min, max, example });
}

/** One word of a fixed list, from the flag or its default. */
export function choiceOf<Choice extends string>(
  flags: PlanFlags,
  name: DefaultedFlag,
  choices: readonly Choice[],
): Choice {
  const text = textOf(flags, name);
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw usageError(
    `--${name}: ${JSON.stringify(text)} is not one of ${choices.join(", ")}, ` +
      `e.g. --${name}=${DEFAULTS[name]}`,
  );
}
