/** The coordinator's view of one agent: sends it commands, opens its frames, and knows whether it is lost. */
import { sharedNowNs } from "../clock.ts";
import { type ClockDrift, type ClockMapping, ClockTrack } from "./clock-track.ts";
import type { Coordination } from "./coordination.ts";
import { Opener, Sealer } from "./envelope.ts";
import { readFrame } from "./message-schema.ts";
import { type Command, commandsKey, type Hello, type Report, reportsKey } from "./protocol.ts";
import { movedCommand, movedReport } from "./times.ts";

/** Exchanges that a clock is first mapped by. */
const FIRST_PINGS = 8;
/** That have not been answered; an agent that is frozen hears them all later. */
const MOST_PINGS = 16;

/** Of about a megabyte each. */
const MOST_FRAME_CHUNKS = 64;

export class RemoteAgent {
  readonly name: string;
  readonly hello: Hello;
  readonly #coordination: Coordination;
  readonly #lease: string;
  readonly #session: string;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #clock = new ClockTrack();
  /** By the number of the ping. */
  readonly #pingedNs = new Map<number, number>();
  #pings = 0;
  #offsetAtStartNs = 0;
  #isHeard = false;
  #sending: Promise<unknown> = Promise.resolve();
  #onPong: () => void = () => {};
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
    const place = `${session}/${reportsKey(name)}`;
    this.#opener = new Opener(coordination.key, place, MOST_FRAME_CHUNKS);
  }

  /** How far its clock is ahead now. */
  get mapping(): ClockMapping {
    return this.#clock.at(sharedNowNs());
  }

  /** Since its first mapping; null before it. */
  get drift(): ClockDrift | null {
    return this.#clock.drift(sharedNowNs());
  }

  /** @param command with times on this machine's clock */
  send(command: Command): void {
    const { offsetNs } = this.mapping;
    if (command.type === "phase") this.#offsetAtStartNs = offsetNs;
    const chunks = this.#sealer.chunksOf(movedCommand(command, offsetNs));
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

  /** Asks for a sign of its clock. While load runs the answer comes with the next frame, else at once. */
  ping(): void {
    const number = this.#pings++;
    this.#pingedNs.set(number, sharedNowNs());
    this.#pingedNs.delete(number - MOST_PINGS);
    this.send({ type: "ping", number });
  }

  /** Resolves when its clock is mapped, or it is lost. */
  async mapClock(): Promise<void> {
    for (let exchange = 0; exchange < FIRST_PINGS && this.lost === null; exchange++) {
      const answered = new Promise<void>((resolve) => {
        this.#onPong = resolve;
      });
      this.ping();
      await answered;
    }
  }

  /** A chunk of a frame has come. */
  take(chunk: Buffer): void {
    if (this.lost !== null) return;
    const receivedNs = sharedNowNs();
    let message: unknown;
    try {
      const taken = this.#opener.take(chunk);
      if (taken === null) return;
      message = taken.message;
    } catch (error) {
      // What it sent in the session before may have been on its way.
      if (this.#isHeard) this.lose(`its frames cannot be read: ${(error as Error).message}`);
      return;
    }
    this.#isHeard = true;
    try {
      this.#use(message, receivedNs);
    } catch (error) {
      this.lose(`its frames cannot be used: ${(error as Error).message}`);
    }
  }

  /** From now on nothing that it sends counts, and it sends no load if it can hear that it is lost. */
  lose(reason: string): void {
    if (this.lost !== null) return;
    this.lost = reason;
    this.#onPong();
    // An agent whose commands are gone ends what it does, as where the coordinator is gone.
    this.#sending = this.#sending
      .then(() => this.#coordination.remove(commandsKey(this.name)))
      .catch(() => {
        // They go with the lease of the coordinator.
      });
    this.onLost(reason);
  }

  get session(): string {
    return this.#session;
  }

  /** @throws Error for what no agent sends */
  #use(message: unknown, receivedNs: number): void {
    const frame = readFrame(message, this.#session);
    this.heardNs = receivedNs;
    this.cpuMicros = Math.max(this.cpuMicros, frame.cpuMicros);
    this.rssBytes = Math.max(this.rssBytes, frame.rssBytes);
    this.#clock.heard(frame.sentNs, receivedNs);
    for (const report of frame.reports) if (report.type === "pong") this.#addPong(report);
    const { offsetNs } = this.mapping;
    for (const report of frame.reports) {
      // A report may be what it is lost by.
      if (this.lost !== null) return;
      if (report.type !== "pong") {
        this.onReport(movedReport(report, offsetNs, this.#offsetAtStartNs));
      }
    }
  }

  #addPong({ number, heardNs }: Extract<Report, { type: "pong" }>): void {
    const sentNs = this.#pingedNs.get(number);
    // One of those that were given up.
    if (sentNs === undefined) return;
    this.#pingedNs.delete(number);
    this.#clock.told(sentNs, heardNs);
    this.#onPong();
  }
}
