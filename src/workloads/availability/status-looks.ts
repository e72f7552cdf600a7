/** Asks each member every few milliseconds for its leader, its term and its applied raft index. */
import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { nowNs as clockNs } from "../../clock.ts";
import type { RequestLog } from "../../load/recording/request-log.ts";
import { encodeMessage } from "../../protos.ts";
import { varintField } from "../parts/calls/protobuf-fields.ts";
import type { Groups } from "./groups.ts";

/** Of StatusResponse. */
const LEADER = 4;
const RAFT_TERM = 6;
const RAFT_APPLIED_INDEX = 7;

export interface StatusLooksOptions {
  groups: Groups;
  /** One for each member. */
  firstSlot: number;
  everyMs: number;
  timeoutMs: number;
}

export class StatusLooks {
  readonly #options: StatusLooksOptions;
  readonly #template: RequestTemplate;
  readonly #requests: RequestLog;
  readonly #transport: Transport;
  /** By member: when its question was sent, NaN while none is under way. */
  readonly #sentNs: Float64Array;
  /** Exact to 53 bits, by which ids are told apart. */
  readonly #leader: Float64Array;
  readonly #term: Float64Array;
  readonly #applied: Float64Array;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: StatusLooksOptions, requests: RequestLog, transport: Transport) {
    const { members } = options.groups;
    this.#options = options;
    this.#requests = requests;
    this.#transport = transport;
    const message = encodeMessage("etcdserverpb.StatusRequest", {});
    const path = "/etcdserverpb.Maintenance/Status";
    this.#template = transport.template(path, message, CallMode.UNARY_ANSWER);
    this.#sentNs = new Float64Array(members).fill(Number.NaN);
    this.#leader = new Float64Array(members);
    this.#term = new Float64Array(members);
    this.#applied = new Float64Array(members);
  }

  start(): void {
    this.#timer = setInterval(() => this.#ask(), this.#options.everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const member of this.#sentNs.keys()) this.#cut(member, Number.POSITIVE_INFINITY);
  }

  owns(slot: number): boolean {
    const { firstSlot, groups } = this.#options;
    return slot >= firstSlot && slot < firstSlot + groups.members;
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const member = slot - this.#options.firstSlot;
    this.#leader[member] = varintField(bytes, start, end, LEADER);
    this.#term[member] = varintField(bytes, start, end, RAFT_TERM);
    this.#applied[member] = varintField(bytes, start, end, RAFT_APPLIED_INDEX);
  }

  onCallEnd(slot: number, status: number, nowNs: number): void {
    const { firstSlot, groups } = this.#options;
    const member = slot - firstSlot;
    const sentNs = this.#sentNs[member]!;
    this.#sentNs[member] = Number.NaN;
    const isAnswer = status === Status.OK;
    this.#requests.add(
      groups.status(member),
      sentNs,
      nowNs,
      status,
      isAnswer ? this.#leader[member] : 0,
      isAnswer ? this.#term[member] : 0,
      isAnswer ? this.#applied[member] : 0,
    );
  }

  resend(slot: number): void {
    this.#transport.call(slot, this.#template);
  }

  #ask(): void {
    const nowNs = clockNs();
    const { firstSlot, timeoutMs } = this.#options;
    for (let member = 0; member < this.#sentNs.length; member++) {
      this.#cut(member, nowNs - timeoutMs * 1e6);
      if (!Number.isNaN(this.#sentNs[member]!)) continue;
      this.#sentNs[member] = nowNs;
      this.#leader[member] = 0;
      this.#term[member] = 0;
      this.#applied[member] = 0;
      this.#transport.call(firstSlot + member, this.#template);
    }
    this.#transport.flush();
  }

  /** Gives up the member's question where it was sent by `latestNs`. */
  #cut(member: number, latestNs: number): void {
    // False for NaN: none is under way.
    if (!(this.#sentNs[member]! <= latestNs)) return;
    const slot = this.#options.firstSlot + member;
    this.#transport.cancel(slot);
    this.onCallEnd(slot, Status.DEADLINE_EXCEEDED, clockNs());
  }
}
