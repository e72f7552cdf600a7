/** The coordinator's view of one agent: sends it commands, opens its frames, and knows whether it is lost. */
import { sharedNowNs } from "../clock.ts";
import { type ClockMapping, type Exchange, mappingOf } from "./clock-mapping.ts";
import type { Coordination } from "./coordination.ts";
import { Opener, Sealer } from "./envelope.ts";
import {
  type Command,
  commandsKey,
  type Frame,
  type Hello,
  type Report,
  reportsKey,
} from "./protocol.ts";
import { movedReport } from "./times.ts";

/** Exchanges that the mapping of a clock is made of. */
const PINGS = 8;

export class RemoteAgent {
  readonly name: string;
  readonly hello: Hello;
  readonly #coordination: Coordination;
  readonly #lease: string;
  readonly #session: string;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #sentNs: number[] = [];
  readonly #exchanges: Exchange[] = [];
  #sending: Promise<unknown> = Promise.resolve();
  #onMapped: () => void = () => {};
  mapping: ClockMapping = { offsetNs: 0, uncertaintyNs: Number.POSITIVE_INFINITY };
  /** Why it is lost; null: it is not. */
  lost: string | null = null;
  /** When its last frame came. */
  heardNs = sharedNowNs();
  /** It sends a frame a second from then on; Infinity: it has nothing to send. */
  expectsFramesFromNs = Number.POSITIVE_INFINITY;
  cpuMicros = 0;
  rssBytes = 0;
  onReport: (report: Report) => void = () => {};
  onLost: (reason: string) => void = () => {};

  constructor(
    { name, hello }: { name: string; hello: Hello },
    coordination: Coordination,
    { session, lease }: { session: string; lease: string },
  ) {
    this.name = name;
    this.hello = hello;
    this.#coordination = coordination;
    this.#lease = lease;
    this.#session = session;
    this.#sealer = new Sealer(coordination.key, commandsKey(name));
    this.#opener = new Opener(coordination.key, `${session}/${reportsKey(name)}`);
  }

  send(command: Command): void {
    const chunks = this.#sealer.chunksOf(command);
    // One after another: they are numbered.
    this.#sending = this.#sending
      .then(async () => {
        for (const chunk of chunks) {
          if (this.lost !== null) return;
          await this.#coordination.put(commandsKey(this.name), chunk, this.#lease);
        }
      })
      .catch((error: Error) => this.lose(`it cannot be reached: ${error.message}`));
  }

  /** Resolves when all that was sent is in the coordination etcd. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  /** Measures how far its clock is ahead; resolves early where the agent is lost. */
  async mapClock(): Promise<void> {
    for (let number = 0; number < PINGS && this.lost === null; number++) {
      const answered = new Promise<void>((resolve) => {
        this.#onMapped = resolve;
      });
      this.#sentNs.push(sharedNowNs());
      this.send({ type: "ping", number });
      await answered;
    }
    if (this.#exchanges.length > 0) this.mapping = mappingOf(this.#exchanges);
  }

  /** A chunk of a frame has come. */
  take(chunk: Buffer): void {
    if (this.lost !== null) return;
    const receivedNs = sharedNowNs();
    let frame: Frame;
    try {
      const taken = this.#opener.take(chunk);
      if (taken === null) return;
      // Only an agent with the secret of the group can have sealed it.
      frame = taken.message as Frame;
    } catch (error) {
      this.lose(`its frames cannot be read: ${(error as Error).message}`);
      return;
    }
    this.heardNs = receivedNs;
    this.cpuMicros = frame.cpuMicros;
    this.rssBytes = Math.max(this.rssBytes, frame.rssBytes);
    for (const report of frame.reports) {
      if (report.type === "pong") this.#addExchange(report, receivedNs);
      else this.onReport(movedReport(report, this.mapping.offsetNs));
    }
  }

  lose(reason: string): void {
    if (this.lost !== null) return;
    this.lost = reason;
    this.#onMapped();
    this.onLost(reason);
  }

  get session(): string {
    return this.#session;
  }

  #addExchange(pong: Extract<Report, { type: "pong" }>, receivedNs: number): void {
    const sentNs = this.#sentNs[pong.number];
    if (sentNs === undefined) {
      this.lose("it answered what was not asked");
      return;
    }
    const { heardNs, answeredNs } = pong;
    this.#exchanges.push({ sentNs, receivedNs, heardNs, answeredNs });
    this.#onMapped();
  }
}
