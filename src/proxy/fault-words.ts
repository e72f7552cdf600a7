/** Reads the faults of a proxy from the forms of its API, and says what they are. */
import {
  formatGoDuration,
  GoDurationError,
  msOfNs,
  nsOfMs,
  parseGoDuration,
} from "./go-duration.ts";
import { goQuoted } from "./go-form.ts";
import type { FaultDirection, FaultKind, NetworkFault } from "./network-fault.ts";

export type Form = ReadonlyMap<string, readonly string[]>;

/** A field of a form is wrong; the message is the answer. */
export class WrongField extends Error {
  override name = "WrongField";

  constructor(field: string, why: string) {
    super(`wrong ${field} form ${goQuoted(why)}`);
  }
}

/** `send` and `receive`, as etcd-proxy calls the directions. */
export function verbOf(direction: FaultDirection): string {
  return direction === "tx" ? "send" : "receive";
}

/** What a fault is called in answers. */
export const NOUN: Readonly<Record<FaultKind, string>> = {
  delay: "latency",
  pause: "pause",
  blackhole: "blackhole",
  bandwidth: "bandwidth limit",
  loss: "loss of new connections",
  reset: "reset of connections",
  "slow-close": "slow close",
  slice: "slicing",
  "half-open": "half-open end",
};

/** Its amount, as an answer says it: `5s±100ms`, `1000 bytes/s`. */
export function amountOf(fault: NetworkFault): string {
  const words = [...ownAmount(fault)];
  if (fault.probability !== undefined) words.push(`with probability ${fault.probability}`);
  if (fault.kind !== "loss" && fault.opening !== undefined) {
    words.push(`of connections that open with ${fault.opening.map(goQuoted).join(" or ")}`);
  }
  return words.length === 0 ? "in force" : words.join(" ");
}

function ownAmount(fault: NetworkFault): string[] {
  switch (fault.kind) {
    case "delay":
      return [`${durationText(fault.latencyMs)}±${durationText(fault.jitterMs)}`];
    case "bandwidth":
      return [`${fault.bytesPerSecond} bytes/s`];
    case "slow-close":
      return [durationText(fault.delayMs)];
    case "slice":
      return [`${fault.bytes} bytes every ${durationText(fault.delayMs)}`];
    default:
      return [];
  }
}

export function durationText(ms: number): string {
  return formatGoDuration(nsOfMs(ms));
}

/** @throws WrongField */
export function faultOf(kind: FaultKind, form: Form): NetworkFault {
  const probability = readProbability(form);
  const whom = probability === null ? {} : { probability };
  if (kind === "loss") {
    if (form.has("opening")) {
      throw new WrongField("opening", "a connection is refused before its first byte");
    }
    return { kind, ...whom };
  }
  const opening = form.get("opening")?.filter((text) => text !== "") ?? [];
  return { ...ownFault(kind, form), ...whom, ...(opening.length === 0 ? {} : { opening }) };
}

function ownFault(kind: Exclude<FaultKind, "loss">, form: Form): NetworkFault {
  switch (kind) {
    case "delay": {
      const { latencyMs, jitterMs } = readLatency(form);
      return { kind, latencyMs, jitterMs };
    }
    case "bandwidth":
      return { kind, bytesPerSecond: readWhole(form, "bytes-per-second") };
    case "slow-close":
      return { kind, delayMs: readDelayMs(form) };
    case "slice":
      return { kind, bytes: readWhole(form, "bytes"), delayMs: readDelayMs(form) };
    default:
      return { kind };
  }
}

/** As etcd-proxy takes them: a jitter beyond the latency is a tenth of it. */
export function readLatency(form: Form) {
  const latency = readDuration(form, "latency");
  const given = readDuration(form, "random-variable");
  const jitter = given < 0n ? -given : given;
  const latencyMs = msOfNs(latency);
  return {
    latency,
    given,
    latencyMs,
    jitterMs: jitter > latency ? latencyMs / 10 : msOfNs(jitter),
  };
}

function readDuration(form: Form, field: string): bigint {
  try {
    return parseGoDuration(form.get(field)?.[0] ?? "");
  } catch (error) {
    if (error instanceof GoDurationError) throw new WrongField(field, error.message);
    throw error;
  }
}

function readDelayMs(form: Form): number {
  const delay = readDuration(form, "delay");
  if (delay < 0n) throw new WrongField("delay", "it is below 0");
  return msOfNs(delay);
}

function readWhole(form: Form, field: string): number {
  const text = form.get(field)?.[0] ?? "";
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new WrongField(field, `${goQuoted(text)} is not a whole number of bytes from 1`);
}

/** Null: not given. */
function readProbability(form: Form): number | null {
  const text = form.get("probability")?.[0];
  if (text === undefined) return null;
  const value = Number(text);
  if (/^(\d+\.?\d*|\.\d+)$/.test(text) && value <= 1) return value;
  throw new WrongField("probability", `${goQuoted(text)} is not a number from 0 to 1`);
}
