/** A TCP proxy that does to connections what it is asked to: delay, pause, drop, limit, refuse, cut. */
import { createServer, type Server, type Socket } from "node:net";
import { connectWords } from "../net/connect-words.ts";
import { splitEndpoint } from "../net/host-port.ts";
import { listenAt } from "../net/listen.ts";
import { acceptedSource, connectedSource } from "./byte-source.ts";
import { drawDelayMs } from "./effects.ts";
import {
  DIRECTIONS,
  FAULT_KINDS,
  type FaultDirection,
  type FaultKind,
  type NetworkFault,
} from "./network-fault.ts";
import { ProxiedConnection } from "./proxied-connection.ts";
import { noCounts, type ProxyCounts } from "./proxy-counts.ts";
import { Room } from "./room.ts";

export interface ProxySettings {
  /** `host:port` to listen at; `localhost` is 127.0.0.1 and ::1. */
  readonly from: string;
  /** `host:port` to connect to for each connection. */
  readonly to: string;
  /** Shared by the proxies of a process. */
  readonly room?: Room;
  /** Takes a line for each connection that comes or goes; it may have a peer's words in it. */
  readonly log?: (line: string) => void;
  readonly random?: () => number;
}

export class FaultProxy {
  readonly counts: ProxyCounts = noCounts();
  readonly #settings: ProxySettings;
  readonly #room: Room;
  readonly #random: () => number;
  readonly #faults = {
    tx: new Map<FaultKind, NetworkFault>(),
    rx: new Map<FaultKind, NetworkFault>(),
  };
  readonly #connections = new Set<ProxiedConnection>();
  #servers: readonly Server[] = [];
  #port = 0;

  /** @throws the system's error where it cannot listen */
  static async listen(settings: ProxySettings): Promise<FaultProxy> {
    const proxy = new FaultProxy(settings);
    const { host, port } = splitEndpoint(settings.from);
    const listening = await listenAt(host, port, () => proxy.#server());
    proxy.#servers = listening.servers;
    proxy.#port = listening.port;
    return proxy;
  }

  private constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#room = settings.room ?? new Room();
    this.#random = settings.random ?? Math.random;
  }

  /** As it was given. */
  get from(): string {
    return this.#settings.from;
  }

  get to(): string {
    return this.#settings.to;
  }

  /** That it listens at. */
  get port(): number {
    return this.#port;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  waitingBytes(direction: FaultDirection): number {
    let sum = 0;
    for (const connection of this.#connections) sum += connection.waitingBytes(direction);
    return sum;
  }

  /** In the order of FAULT_KINDS. */
  faults(direction: FaultDirection): NetworkFault[] {
    const faults = this.#faults[direction];
    return FAULT_KINDS.flatMap((kind) => faults.get(kind) ?? []);
  }

  fault(direction: FaultDirection, kind: FaultKind): NetworkFault | null {
    return this.#faults[direction].get(kind) ?? null;
  }

  /** Replaces the fault of the same kind. */
  set(direction: FaultDirection, fault: NetworkFault): void {
    this.#faults[direction].set(fault.kind, fault);
    if (fault.kind === "delay") {
      this.counts.traffic[direction].latestDelayMs = drawDelayMs(fault, this.#random);
    }
    this.#apply();
  }

  /** Without `kind`: every fault of the direction. */
  clear(direction: FaultDirection, kind?: FaultKind): void {
    const cleared = kind === undefined ? FAULT_KINDS : [kind];
    for (const each of cleared) this.#faults[direction].delete(each);
    this.#apply();
    const gone = cleared.filter((each) => DIRECTIONS.every((way) => !this.#faults[way].has(each)));
    for (const connection of this.#connections) {
      for (const each of gone) connection.forgetDraw(each);
    }
  }

  /** Ends the listeners, and cuts every connection. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const connection of this.#connections) connection.end();
    await Promise.all(closed);
  }

  #server(): Server {
    // Each end is passed on by itself, and small writes leave at once.
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.on("connection", (client) => this.#accept(client));
    return server;
  }

  #accept(client: Socket): void {
    this.counts.accepted++;
    if (this.#isRefused()) {
      this.counts.refused++;
      this.#settings.log?.(`refused ${client.remoteAddress}:${client.remotePort}`);
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const target = connectedSource(this.#settings.to);
    let isReached = false;
    target.socket.once("connect", () => {
      isReached = true;
    });
    target.socket.once("error", (error) => {
      if (isReached) return;
      this.counts.unreachable++;
      this.#settings.log?.(`cannot reach the target: ${connectWords(error)}`);
    });
    const connection = new ProxiedConnection({
      ...{ client: acceptedSource(client), target, room: this.#room, random: this.#random },
      traffic: this.counts.traffic,
      faults: (direction) => this.#faults[direction].values(),
      onCut: () => {
        this.counts.cut++;
      },
      onClosed: () => {
        this.#connections.delete(connection);
        this.#settings.log?.(`closed ${address}`);
      },
    });
    const address = connection.clientAddress;
    this.#connections.add(connection);
    this.#settings.log?.(`accepted ${address}`);
    connection.open();
  }

  /** One draw for both directions: a share is that of the connections, not of their directions. */
  #isRefused(): boolean {
    const draw = this.#random();
    return DIRECTIONS.some((direction) => {
      const loss = this.#faults[direction].get("loss");
      return loss !== undefined && draw < (loss.probability ?? 1);
    });
  }

  #apply(): void {
    for (const connection of this.#connections) connection.applyFaults();
  }
}
