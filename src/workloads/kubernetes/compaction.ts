/**
 * Carries out the API server's compaction: at each interval a transaction on one key, by which one of
 * the API servers wins the turn, and then compacts to the revision of one interval ago.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import { isCompacted } from "../../text/compacted.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import type { ApiServer } from "./api-server.ts";
import type { Part, PartHost } from "./part.ts";
import { registryFolder } from "./registry-keys.ts";
import { readTxnAnswer, txnAnswer } from "./txn-answer.ts";

/** After the registry's folder. */
export const COMPACT_REVISION_KEY = "compact_rev_key";

export class Compaction implements Part {
  readonly #server: ApiServer;
  readonly #host: PartHost;
  readonly #intervalNs: number;
  readonly #turn: RequestTemplate;
  readonly #versionOffset: number;
  readonly #compact: RequestTemplate;
  readonly #revisionOffset: number;
  /** The key's version, as far as is known. */
  #version = 0;
  /** The revision at the last turn; 0 before the first. */
  #lastRevision = 0;
  #revision = 0;
  #isWon = false;
  #isCompacting = false;
  #dueNs = 0;
  #isUnderWay = false;

  constructor(server: ApiServer, host: PartHost, transport: Transport) {
    const { prefix, compactIntervalMs } = server.plan;
    this.#server = server;
    this.#host = host;
    this.#intervalNs = compactIntervalMs * 1e6;
    const key = Buffer.from(registryFolder(prefix) + COMPACT_REVISION_KEY, "utf8");
    const turn = encodeMessage("etcdserverpb.TxnRequest", {
      compare: [{ target: "VERSION", result: "EQUAL", key, version: PLACEHOLDER_VALUE }],
      success: [{ requestPut: { key, value: Buffer.from("compacted") } }],
      failure: [{ requestRange: { key } }],
    });
    this.#turn = transport.template("/etcdserverpb.KV/Txn", turn, CallMode.UNARY_ANSWER);
    this.#versionOffset = this.#turn.messageOffset + turn.indexOf(PLACEHOLDER);
    const compact = encodeMessage("etcdserverpb.CompactionRequest", {
      revision: PLACEHOLDER_VALUE,
    });
    this.#compact = transport.template("/etcdserverpb.KV/Compact", compact, CallMode.UNARY);
    this.#revisionOffset = this.#compact.messageOffset + compact.indexOf(PLACEHOLDER);
  }

  /** Whether a turn has come; the first one comes an interval after `restart`'s phase began. */
  isDue(nowNs: number): boolean {
    if (this.#dueNs === 0) this.#dueNs = nowNs + this.#intervalNs;
    return nowNs >= this.#dueNs && !this.#isUnderWay;
  }

  restart(): void {
    this.#dueNs = 0;
  }

  start(client: number, nowNs: number): void {
    this.#dueNs = Math.max(nowNs, this.#dueNs + this.#intervalNs);
    this.#isUnderWay = true;
    this.#isCompacting = false;
    this.#host.call(client, this.request(), nowNs);
  }

  request(): RequestTemplate {
    if (this.#isCompacting) {
      writePadded(this.#compact.bytes, this.#revisionOffset, this.#lastRevision);
      return this.#compact;
    }
    writePadded(this.#turn.bytes, this.#versionOffset, this.#version);
    return this.#turn;
  }

  onMessage(_client: number, bytes: Uint8Array, start: number, end: number): void {
    readTxnAnswer(bytes, start, end);
    this.#isWon = txnAnswer.succeeded;
    this.#revision = txnAnswer.revision;
    this.#version = txnAnswer.succeeded ? this.#version + 1 : txnAnswer.version;
  }

  onAnswered(client: number, nowNs: number): void {
    if (this.#isCompacting) {
      this.#host.count(client, "compactions", 1);
      this.#end(client, nowNs);
      return;
    }
    this.#server.saw(this.#revision);
    this.#host.count(client, this.#isWon ? "turnsWon" : "turnsLost", 1);
    if (this.#isWon && this.#lastRevision > 0) {
      this.#isCompacting = true;
      this.#host.call(client, this.request(), nowNs);
    } else {
      this.#end(client, nowNs);
    }
  }

  /**
   * Ends the turn as done where what it compacts has been compacted already: etcd compacts by itself, or
   * another client has done it. False: the refusal is a failure.
   */
  isDoneBy(client: number, message: string, nowNs: number): boolean {
    if (!this.#isCompacting || !isCompacted(message)) return false;
    this.#host.count(client, "compactedAlready", 1);
    this.#end(client, nowNs);
    return true;
  }

  onFailed(): void {
    this.#isUnderWay = false;
  }

  #end(client: number, nowNs: number): void {
    this.#isUnderWay = false;
    this.#lastRevision = this.#revision;
    this.#host.done(client, nowNs);
  }
}
