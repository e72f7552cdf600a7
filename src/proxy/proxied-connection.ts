/** One connection through a fault proxy: the client's socket, the target's, and a link each way. */
import type { ByteSource } from "./byte-source.ts";
import { effectsOf } from "./effects.ts";
import { Link } from "./link.ts";
import {
  DIRECTIONS,
  type FaultDirection,
  type FaultKind,
  type NetworkFault,
} from "./network-fault.ts";
import type { Traffic } from "./proxy-counts.ts";
import type { Room } from "./room.ts";

/** Of what the client sends first: the headers of a request are in it. */
const OPENING_BYTES = 4096;

export interface ConnectionSettings {
  readonly client: ByteSource;
  readonly target: ByteSource;
  readonly traffic: Readonly<Record<FaultDirection, Traffic>>;
  readonly room: Room;
  readonly random: () => number;
  /** The faults in force in a direction. */
  readonly faults: (direction: FaultDirection) => Iterable<NetworkFault>;
  /** It was reset by a fault. */
  readonly onCut: () => void;
  readonly onClosed: (connection: ProxiedConnection) => void;
}

export class ProxiedConnection {
  readonly #settings: ConnectionSettings;
  readonly #links: Readonly<Record<FaultDirection, Link>>;
  /** From 0 to 1 by kind: whether a fault with a probability concerns this connection. */
  readonly #draws = new Map<FaultKind, number>();
  #opening = "";
  #isClosed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    const { client, target, room, random } = settings;
    this.#links = {
      tx: new Link(client, target.socket, this.#watch("tx"), room, random),
      rx: new Link(target, client.socket, this.#watch("rx"), room, random),
    };
    for (const { socket } of [client, target]) {
      // Its close follows, and that is what the link acts on.
      socket.on("error", () => {});
      socket.on("close", () => this.#checkClosed());
    }
  }

  get clientAddress(): string {
    const { remoteAddress, remotePort } = this.#settings.client.socket;
    return `${remoteAddress}:${remotePort}`;
  }

  open(): void {
    this.applyFaults();
    for (const direction of DIRECTIONS) this.#links[direction].open();
  }

  waitingBytes(direction: FaultDirection): number {
    return this.#links[direction].waitingBytes;
  }

  /** To be called after each change of the faults. */
  applyFaults(): void {
    const concerning = DIRECTIONS.map(
      (direction) => [direction, this.#concerning(direction)] as const,
    );
    if (concerning.some(([, faults]) => faults.some(({ kind }) => kind === "reset"))) {
      this.cut();
      return;
    }
    for (const [direction, faults] of concerning) this.#links[direction].apply(effectsOf(faults));
  }

  /** The next fault of this kind concerns other connections. */
  forgetDraw(kind: FaultKind): void {
    this.#draws.delete(kind);
  }

  /** Resets both ends. */
  cut(): void {
    if (this.#isClosed) return;
    this.#settings.onCut();
    this.end();
  }

  /** The same when the proxy ends. */
  end(): void {
    this.#settings.client.socket.resetAndDestroy();
    this.#settings.target.socket.resetAndDestroy();
  }

  #concerning(direction: FaultDirection): NetworkFault[] {
    return [...this.#settings.faults(direction)].filter((fault) => this.#isConcerned(fault));
  }

  #isConcerned(fault: NetworkFault): boolean {
    if (fault.kind === "loss") return false;
    const { kind, probability = 1, opening } = fault;
    if (opening?.some((text) => this.#opening.includes(text)) === false) return false;
    if (probability >= 1) return true;
    let draw = this.#draws.get(kind);
    if (draw === undefined) {
      draw = this.#settings.random();
      this.#draws.set(kind, draw);
    }
    return draw < probability;
  }

  #watch(direction: FaultDirection): ConstructorParameters<typeof Link>[2] {
    const traffic = this.#settings.traffic[direction];
    const count = (bytes: Buffer) => {
      traffic.readBytes += bytes.length;
    };
    return {
      read:
        direction === "rx"
          ? count
          : (bytes) => {
              count(bytes);
              if (this.#opening.length < OPENING_BYTES) this.#addOpening(bytes);
            },
      dropped: (bytes) => {
        traffic.droppedBytes += bytes;
      },
      delayed: (ms) => {
        traffic.latestDelayMs = ms;
      },
      corrupted: () => this.cut(),
    };
  }

  #addOpening(bytes: Buffer): void {
    this.#opening += bytes.toString("latin1", 0, OPENING_BYTES - this.#opening.length);
    const { faults } = this.#settings;
    const asksForOpening = DIRECTIONS.some((direction) =>
      [...faults(direction)].some((fault) => fault.kind !== "loss" && fault.opening !== undefined),
    );
    if (asksForOpening) this.applyFaults();
  }

  #checkClosed(): void {
    const { client, target, onClosed } = this.#settings;
    if (this.#isClosed || !client.socket.closed || !target.socket.closed) return;
    this.#isClosed = true;
    onClosed(this);
  }
}
