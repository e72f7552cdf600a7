/**
 * Simulates driver and transport for workloads of several calls. The test reads each call, decoded
 * from its octets, answers it through the .proto files, and reads what was recorded.
 */

import type { Operations, Workload } from "../../../src/load/workload.ts";
import { decodeMessage, encodeMessage } from "../../../src/protos.ts";
import type { LossCause } from "../../../src/stats/distinct-counts.ts";
import type { RequestTemplate, SizedTemplate, Transport } from "../../../src/wire/transport.ts";
import { CallMode } from "../../../src/wire/transport.ts";

interface Template extends SizedTemplate {
  mode: CallMode;
}

function templateOf(path: string, message: Uint8Array, mode: CallMode = CallMode.UNARY): Template {
  return {
    path,
    bytes: Buffer.from(message),
    messageOffset: 0,
    messageBytes: message.length,
    mode,
    resize(messageBytes) {
      Object.assign(this, { messageBytes });
    },
  };
}

export interface PendingCall {
  path: string;
  mode: CallMode;
  /** The octets of each message sent on the call. */
  sent: Buffer[];
}

export interface Ended {
  client: number;
  status: number;
  message: string;
}

/** Octets around each response, which detect code that ignores the offsets. */
const MARGIN_BYTES = 3;

export class StepRig implements Operations {
  workload!: Workload;
  nowNs = 0;
  readonly pending = new Map<number, PendingCall>();
  readonly cancelled: number[] = [];
  readonly ended: Ended[] = [];
  readonly samples: { series: number; durationNs: number }[] = [];
  /** The lateness of each sample, and below of each failure. */
  readonly sampleLateNs: number[] = [];
  readonly failureLateNs: number[] = [];
  readonly misses: { series: number; waitedNs: number; lateNs: number; count: number }[] = [];
  readonly drops: { series: number; waitedNs: number; count: number }[] = [];
  /** When the operations in flight were due. */
  dueAtNs = 0;
  /** The time of each of the failures below. */
  readonly failedNs: (number | null)[] = [];
  readonly failures: { series: number; status: number; message: string }[] = [];
  readonly counts: Record<string, number> = {};
  readonly receipts: { keys: number; bytes: number }[] = [];
  readonly resent: number[] = [];

  readonly transport: Transport = {
    readyConnections: 1,
    carried: [],
    open: async () => {},
    template: templateOf,
    sizedTemplate: templateOf,
    call: (slot, template) => this.#call(slot, template),
    send: (slot, template) => this.#at(slot).sent.push(Buffer.from(template.bytes)),
    cancel: (slot) => {
      this.pending.delete(slot);
      this.cancelled.push(slot);
    },
    flush: () => {},
    close: () => {},
  };

  call(_client: number, slot: number, template: RequestTemplate): void {
    this.#call(slot, template);
  }

  end(client: number, status: number, message: string): void {
    this.ended.push({ client, status, message });
  }

  sample(series: number, durationNs: number, lateNs = 0): void {
    this.samples.push({ series, durationNs });
    this.sampleLateNs.push(lateNs);
  }

  fail(
    series: number,
    durationNs: number | null,
    status: number,
    message: string,
    lateNs = 0,
  ): void {
    this.failures.push({ series, status, message });
    this.failedNs.push(durationNs);
    this.failureLateNs.push(lateNs);
  }

  missed(series: number, waitedNs: number, lateNs = 0, count = 1): void {
    this.misses.push({ series, waitedNs, lateNs, count });
  }

  dropped(series: number, waitedNs: number, count = 1): void {
    this.drops.push({ series, waitedNs, count });
  }

  dueNs(): number {
    return this.dueAtNs;
  }

  count(_series: number, name: string, amount: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + amount;
  }

  cancelledWatcher(): void {}

  lost(series: number, _cause: LossCause, _reason: string, watchers: number): void {
    this.count(series, "lostWatchers", watchers);
  }

  received(_series: number, keys: number, bytes: number): void {
    this.receipts.push({ keys, bytes });
  }

  resend(slot: number, template: RequestTemplate): void {
    this.resent.push(slot);
    this.#call(slot, template);
  }

  readonly quantities: { series: number; name: string; value: number }[] = [];
  settledTimes = 0;
  enoughTimes = 0;

  quantity(series: number, name: string, value: number): void {
    this.quantities.push({ series, name, value });
  }

  settled(): void {
    this.settledTimes += 1;
  }

  enough(): void {
    this.enoughTimes += 1;
  }

  /** The last message sent on the slot's call, decoded as `typeName`. */
  request<T = Record<string, unknown>>(slot: number, typeName: string): T {
    return decodeMessage<T>(typeName, this.#at(slot).sent.at(-1)!);
  }

  /** Delivers a message; a unary call ends with it. */
  answer(slot: number, typeName: string, value: object): void {
    const { mode } = this.#at(slot);
    const message = encodeMessage(typeName, value);
    const margin = Buffer.alloc(MARGIN_BYTES, 0xff);
    const bytes = Buffer.concat([margin, message, margin]);
    if (mode !== CallMode.UNARY) {
      const end = MARGIN_BYTES + message.length;
      this.workload.onMessage!(slot, bytes, MARGIN_BYTES, end, this.nowNs);
      bytes.fill(0xff);
    }
    if (mode !== CallMode.STREAM) this.finish(slot, 0, "");
  }

  /** Ends the slot's call. */
  finish(slot: number, status: number, message: string): void {
    this.#at(slot);
    this.pending.delete(slot);
    this.workload.onCallEnd(slot, status, message, this.nowNs);
  }

  /** Returns the call as unprocessed, as the server does when it refuses it. */
  refuse(slot: number): void {
    this.#at(slot);
    this.pending.delete(slot);
    this.workload.onCallUnprocessed(slot, this.nowNs);
  }

  #at(slot: number): PendingCall {
    const call = this.pending.get(slot);
    if (call === undefined) throw new Error(`slot ${slot} has no call`);
    return call;
  }

  #call(slot: number, template: RequestTemplate): void {
    if (this.pending.has(slot)) throw new Error(`slot ${slot} has two calls`);
    const { path, mode, bytes, messageBytes } = template as Template;
    this.pending.set(slot, { path, mode, sent: [Buffer.from(bytes.subarray(0, messageBytes))] });
  }
}
