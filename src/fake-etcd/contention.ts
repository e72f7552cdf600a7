/**
 * Owns what clients of the null server contend for, over all its connections: locks and elections
 * by their names, each with one owner and those who wait for it in the order in which they asked.
 */
import { decodeMessage } from "../protos.ts";
import { type Answer, messageAnswer, unaryAnswer } from "./answers.ts";

export const LOCK_PATH = "/v3lockpb.Lock/Lock";
export const UNLOCK_PATH = "/v3lockpb.Lock/Unlock";
export const CAMPAIGN_PATH = "/v3electionpb.Election/Campaign";
export const PROCLAIM_PATH = "/v3electionpb.Election/Proclaim";
export const RESIGN_PATH = "/v3electionpb.Election/Resign";
export const OBSERVE_PATH = "/v3electionpb.Election/Observe";

/** Requests whose message says what they are about. */
export const CONTENTION_PATHS: ReadonlySet<string> = new Set([
  LOCK_PATH,
  UNLOCK_PATH,
  CAMPAIGN_PATH,
  PROCLAIM_PATH,
  RESIGN_PATH,
]);

/** Who can be answered later; what it is, is its own business. */
export interface Answerable {
  answerLater(streamId: number, answer: Answer): void;
}

/** Who hears of each new leader. */
export interface Observer {
  send(answer: Answer): void;
}

interface Contender {
  from: Answerable;
  streamId: number;
  /** Made when it becomes the owner. */
  answer: () => Answer;
}

interface Contended {
  owner: Contender | null;
  waiting: Contender[];
}

interface LeaderKey {
  name: Buffer;
  key: Buffer;
  rev: string;
  lease: string;
}

export class Contention {
  readonly #byName = new Map<string, Contended>();
  readonly #observers = new Map<string, Set<Observer>>();
  #revision = 1_000_000;

  /** Takes a request to one of CONTENTION_PATHS; its answer may come at once. */
  request(from: Answerable, streamId: number, path: string, message: Uint8Array): void {
    const bytes = Buffer.from(message);
    switch (path) {
      case LOCK_PATH: {
        const { name, lease } = decodeMessage<LeaderKey>("v3lockpb.LockRequest", bytes);
        const key = keyOf(name, lease);
        const answer = () =>
          unaryAnswer("v3lockpb.LockResponse", { header: this.#nextHeader(), key });
        this.#ask(`lock ${name.toString("latin1")}`, { from, streamId, answer });
        break;
      }
      case UNLOCK_PATH: {
        const { key } = decodeMessage<LeaderKey>("v3lockpb.UnlockRequest", bytes);
        const name = key.toString("latin1");
        this.#release(`lock ${name.slice(0, name.lastIndexOf("/"))}`);
        from.answerLater(streamId, unaryAnswer("v3lockpb.UnlockResponse", {}));
        break;
      }
      case CAMPAIGN_PATH:
        this.#campaign(from, streamId, bytes);
        break;
      case PROCLAIM_PATH: {
        type Proclaimed = { leader: LeaderKey; value: Buffer };
        const { leader, value } = decodeMessage<Proclaimed>("v3electionpb.ProclaimRequest", bytes);
        this.#tell(leader, value);
        from.answerLater(streamId, unaryAnswer("v3electionpb.ProclaimResponse", {}));
        break;
      }
      case RESIGN_PATH: {
        const { leader } = decodeMessage<{ leader: LeaderKey }>(
          "v3electionpb.ResignRequest",
          bytes,
        );
        this.#release(`election ${leader.name.toString("latin1")}`);
        from.answerLater(streamId, unaryAnswer("v3electionpb.ResignResponse", {}));
        break;
      }
    }
  }

  /** `message` names an election, of whose leaders the observer hears from now on. */
  observe(observer: Observer, message: Uint8Array): void {
    const { name } = decodeMessage<LeaderKey>("v3electionpb.LeaderRequest", Buffer.from(message));
    const key = name.toString("latin1");
    const others = this.#observers.get(key);
    if (others === undefined) this.#observers.set(key, new Set([observer]));
    else others.add(observer);
  }

  observeNoMore(observer: Observer): void {
    for (const observers of this.#observers.values()) observers.delete(observer);
  }

  /** The client has given the request up. */
  cancel(from: Answerable, streamId: number): void {
    for (const contended of this.#byName.values()) {
      contended.waiting = contended.waiting.filter(
        (each) => each.from !== from || each.streamId !== streamId,
      );
    }
  }

  /** Gone is its connection, and with it what it owns, as if its leases had been revoked. */
  drop(from: Answerable): void {
    for (const [name, contended] of this.#byName) {
      contended.waiting = contended.waiting.filter((each) => each.from !== from);
      if (contended.owner?.from === from) this.#release(name);
    }
  }

  #campaign(from: Answerable, streamId: number, bytes: Buffer): void {
    type Campaign = LeaderKey & { value: Buffer };
    const campaign = decodeMessage<Campaign>("v3electionpb.CampaignRequest", bytes);
    const { name, lease, value } = campaign;
    const answer = () => {
      const header = this.#nextHeader();
      const leader = { name, key: keyOf(name, lease), rev: header.revision, lease };
      this.#tell(leader, value);
      return unaryAnswer("v3electionpb.CampaignResponse", { header, leader });
    };
    this.#ask(`election ${name.toString("latin1")}`, { from, streamId, answer });
  }

  #ask(name: string, contender: Contender): void {
    let contended = this.#byName.get(name);
    if (contended === undefined) {
      contended = { owner: null, waiting: [] };
      this.#byName.set(name, contended);
    }
    if (contended.owner === null) grant(contended, contender);
    else contended.waiting.push(contender);
  }

  #release(name: string): void {
    const contended = this.#byName.get(name);
    if (contended === undefined) return;
    contended.owner = null;
    const next = contended.waiting.shift();
    if (next === undefined) this.#byName.delete(name);
    else grant(contended, next);
  }

  /** Observers hear who leads, by the value of its campaign. */
  #tell({ name, key, rev }: LeaderKey, value: Buffer): void {
    const observers = this.#observers.get(name.toString("latin1"));
    if (observers === undefined || observers.size === 0) return;
    const kv = { key, value, createRevision: rev, modRevision: rev, version: "1" };
    const answer = messageAnswer("v3electionpb.LeaderResponse", { header: { revision: rev }, kv });
    for (const observer of observers) observer.send(answer);
  }

  #nextHeader(): { revision: string } {
    this.#revision += 1;
    return { revision: String(this.#revision) };
  }
}

function grant(contended: Contended, contender: Contender): void {
  contended.owner = contender;
  contender.from.answerLater(contender.streamId, contender.answer());
}

/** As etcd's recipes have it: the lease in hexadecimal below the name. */
function keyOf(name: Buffer, lease: string): Buffer {
  return Buffer.concat([name, Buffer.from(`/${BigInt(lease).toString(16)}`)]);
}
