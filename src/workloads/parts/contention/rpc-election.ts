/**
 * Takes the leadership of elections by etcd's election service (v3electionpb): one call campaigns until
 * the client leads, one proclaims a value meanwhile, one resigns.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { encodeMessage } from "../../../protos.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../calls/padded-varint.ts";
import { oneCall, type Part, type PartHost } from "../calls/part.ts";
import { findField, found, varintField } from "../calls/protobuf-fields.ts";
import { offsetOfField } from "../calls/template.ts";
import { VALUE_PLACEHOLDER, writeElectionValue } from "./election-value.ts";
import type { Contender, Locker } from "./locker.ts";

/** Field numbers of CampaignResponse and LeaderKey. */
const LEADER = 2;
const LEADER_KEY = 2;
const LEADER_REV = 3;

/** The requests of a leader, which name its key and the revision at which that was created. */
interface LeaderTemplates {
  resign: RequestTemplate;
  resignRev: number;
  proclaim: RequestTemplate;
  proclaimRev: number;
  proclaimValue: number;
}

export class RpcElection implements Locker {
  readonly acquire: Part;
  readonly release: Part;
  /** Of the same value once more. */
  readonly proclaim: Part;
  readonly #names: readonly string[];
  readonly #numbers: readonly number[];
  readonly #transport: Transport;
  /** By client. */
  readonly #leases: string[];
  readonly #campaigns: RequestTemplate[];
  readonly #campaignMarks: number[];
  readonly #leaders: (LeaderTemplates | null)[];
  readonly #terms: Uint32Array;
  readonly #leaderRevs: Float64Array;

  /** `numbers`: of each client in the whole run. */
  constructor(
    contenders: readonly Contender[],
    numbers: readonly number[],
    host: PartHost,
    transport: Transport,
  ) {
    this.#names = contenders.map(({ name }) => name);
    this.#numbers = numbers;
    this.#transport = transport;
    this.#leases = contenders.map(({ lease }) => lease);
    this.#campaigns = [];
    this.#campaignMarks = [];
    this.#leaders = contenders.map(() => null);
    this.#terms = new Uint32Array(contenders.length);
    this.#leaderRevs = new Float64Array(contenders.length);
    for (const [client, { lease }] of contenders.entries()) this.renew(client, lease);
    this.acquire = {
      ...oneCall(host, (client) => this.#campaign(client)),
      onMessage: (client, bytes, start, end) => this.#onElected(client, bytes, start, end),
      onAnswered: (client, nowNs) => {
        if (this.#leaders[client] !== null) host.done(client, nowNs);
        else host.fail(client, Status.INTERNAL, "the answer names no leader's key", nowNs);
      },
    };
    this.proclaim = oneCall(host, (client) => this.#proclaim(client));
    this.release = oneCall(host, (client) => this.#resign(client));
  }

  renew(client: number, lease: string): void {
    const name = Buffer.from(this.#names[client]!);
    const value = VALUE_PLACEHOLDER;
    const message = encodeMessage("v3electionpb.CampaignRequest", { name, lease, value });
    const path = "/v3electionpb.Election/Campaign";
    const template = this.#transport.template(path, message, CallMode.UNARY_ANSWER);
    this.#leases[client] = lease;
    this.#campaigns[client] = template;
    this.#campaignMarks[client] = template.messageOffset + offsetOfField(message, value);
    this.#leaders[client] = null;
  }

  /** What the client campaigns for next. */
  setTerm(client: number, term: number): void {
    this.#terms[client] = term;
  }

  createRevision(client: number): number {
    return this.#leaderRevs[client]!;
  }

  #campaign(client: number): RequestTemplate {
    const template = this.#campaigns[client]!;
    this.#writeValue(client, template, this.#campaignMarks[client]!);
    return template;
  }

  #proclaim(client: number): RequestTemplate {
    const { proclaim, proclaimRev, proclaimValue } = this.#leaders[client]!;
    writePadded(proclaim.bytes, proclaimRev, this.#leaderRevs[client]!);
    this.#writeValue(client, proclaim, proclaimValue);
    return proclaim;
  }

  #resign(client: number): RequestTemplate {
    const { resign, resignRev } = this.#leaders[client]!;
    writePadded(resign.bytes, resignRev, this.#leaderRevs[client]!);
    return resign;
  }

  #writeValue(client: number, { bytes }: RequestTemplate, offset: number): void {
    writeElectionValue(this.#numbers[client]!, this.#terms[client]!, bytes, offset);
  }

  #onElected(client: number, bytes: Uint8Array, start: number, end: number): void {
    if (!findField(bytes, start, end, LEADER)) return;
    const leaderStart = found.start;
    const leaderEnd = found.end;
    this.#leaderRevs[client] = varintField(bytes, leaderStart, leaderEnd, LEADER_REV);
    if (this.#leaders[client] !== null) return;
    if (!findField(bytes, leaderStart, leaderEnd, LEADER_KEY)) return;
    // The key follows from name and lease, so it is the same each time.
    const key = Buffer.from(bytes.subarray(found.start, found.end));
    this.#leaders[client] = this.#leaderTemplates(client, key);
  }

  #leaderTemplates(client: number, key: Buffer): LeaderTemplates {
    const name = Buffer.from(this.#names[client]!);
    const leader = { name, key, rev: PLACEHOLDER_VALUE, lease: this.#leases[client]! };
    const resign = encodeMessage("v3electionpb.ResignRequest", { leader });
    const proclaim = encodeMessage("v3electionpb.ProclaimRequest", {
      leader,
      value: VALUE_PLACEHOLDER,
    });
    const resignTemplate = this.#transport.template("/v3electionpb.Election/Resign", resign);
    const proclaimTemplate = this.#transport.template("/v3electionpb.Election/Proclaim", proclaim);
    const proclaimAt = proclaimTemplate.messageOffset;
    return {
      resign: resignTemplate,
      resignRev: resignTemplate.messageOffset + offsetOfField(resign, PLACEHOLDER),
      proclaim: proclaimTemplate,
      proclaimRev: proclaimAt + offsetOfField(proclaim, PLACEHOLDER),
      proclaimValue: proclaimAt + offsetOfField(proclaim, VALUE_PLACEHOLDER),
    };
  }
}
