/** The Election service: elections by their names, each with one leader, and their observers. */
import { decodeMessage, encodeMessage } from "../../protos.ts";
import { type Answer, messagePieces, wholeAnswer } from "../grpc/answer.ts";
import type { Method, StreamMethod, UnaryMethod } from "../grpc/methods.ts";
import type { OpenStream } from "../grpc/open-stream.ts";
import { ProtoWriter } from "../proto-writer.ts";
import { beginResponse } from "../response-header.ts";
import type { Revisions } from "../revisions.ts";
import type { Service } from "../services.ts";
import { OwnerQueues, ownerKey } from "./owner-queues.ts";

export const CAMPAIGN_PATH = "/v3electionpb.Election/Campaign";
export const PROCLAIM_PATH = "/v3electionpb.Election/Proclaim";
export const RESIGN_PATH = "/v3electionpb.Election/Resign";
export const OBSERVE_PATH = "/v3electionpb.Election/Observe";

interface LeaderKey {
  name: Buffer;
  key: Buffer;
  rev: string;
  lease: string;
}

interface CampaignRequest {
  name: Buffer;
  lease: string;
  value: Buffer;
}

interface ProclaimRequest {
  leader: LeaderKey;
  value: Buffer;
}

export function electionService(revisions: Revisions): Service {
  const elections = new Elections(revisions);
  const unary = (answer: UnaryMethod["answer"]): UnaryMethod => ({
    isStream: false,
    readsMessage: true,
    answer,
  });
  const observe: StreamMethod = {
    isStream: true,
    open: (stream) => ({
      message(bytes, start, end) {
        const request = bytes.subarray(start, end);
        const { name } = decodeMessage<{ name: Buffer }>("v3electionpb.LeaderRequest", request);
        elections.observe(stream, name.toString("latin1"));
      },
      // The request is whole; events are sent until the client cancels.
      end: () => {},
      close: () => elections.observeNoMore(stream),
    }),
  };
  const { queues } = elections;
  return {
    methods: new Map<string, Method>([
      [
        CAMPAIGN_PATH,
        unary((message, caller, streamId) => {
          const type = "v3electionpb.CampaignRequest";
          const campaign = decodeMessage<CampaignRequest>(type, message);
          const answer = () => elections.lead(campaign);
          return queues.ask(campaign.name.toString("latin1"), { caller, streamId, answer });
        }),
      ],
      [
        PROCLAIM_PATH,
        unary((message) => {
          const type = "v3electionpb.ProclaimRequest";
          const { leader, value } = decodeMessage<ProclaimRequest>(type, message);
          elections.tellObservers(leader, value);
          return elections.ok();
        }),
      ],
      [
        RESIGN_PATH,
        unary((message) => {
          const type = "v3electionpb.ResignRequest";
          const { leader } = decodeMessage<{ leader: LeaderKey }>(type, message);
          queues.release(leader.name.toString("latin1"));
          return elections.ok();
        }),
      ],
      [OBSERVE_PATH, observe],
    ]),
    cancel: (caller, streamId) => queues.cancel(caller, streamId),
    drop: (caller) => queues.drop(caller),
  };
}

class Elections {
  readonly queues = new OwnerQueues();
  readonly #revisions: Revisions;
  readonly #writer = new ProtoWriter();
  readonly #observers = new Map<string, Set<OpenStream>>();

  constructor(revisions: Revisions) {
    this.#revisions = revisions;
  }

  ok(): Answer {
    return wholeAnswer(beginResponse(this.#writer, this.#revisions.current).finish());
  }

  /** Observers get the new leader before it does. */
  lead({ name, lease, value }: CampaignRequest): Answer {
    const revision = this.#revisions.next();
    const leader = { name, key: ownerKey(name, lease), rev: String(revision), lease };
    this.tellObservers(leader, value);
    const encoded = encodeMessage("v3electionpb.LeaderKey", leader);
    return wholeAnswer(beginResponse(this.#writer, revision).bytes(2, encoded).finish());
  }

  observe(stream: OpenStream, name: string): void {
    const others = this.#observers.get(name);
    if (others === undefined) this.#observers.set(name, new Set([stream]));
    else others.add(stream);
  }

  observeNoMore(stream: OpenStream): void {
    for (const observers of this.#observers.values()) observers.delete(stream);
  }

  /** Observers get who leads, by the value of its campaign. */
  tellObservers({ name, key, rev }: LeaderKey, value: Buffer): void {
    const observers = this.#observers.get(name.toString("latin1"));
    if (observers === undefined || observers.size === 0) return;
    const kv = { key, value, createRevision: rev, modRevision: rev, version: "1" };
    const header = { revision: rev };
    const pieces = messagePieces(encodeMessage("v3electionpb.LeaderResponse", { header, kv }));
    for (const observer of observers) observer.sendAll(pieces);
  }
}
