/**
 * Splits a plan among worker threads. One rule deals everything: request i belongs to client i mod
 * clients, client k to connection k mod connections, connection c to endpoint c mod endpoints and to
 * worker c mod workers. So shares of totals, rates and keys add up to the plan exactly, remainders
 * included, and one worker is the same case as many.
 */

export interface WorkerShare {
  workerIndex: number;
  /** `host:port` of each of this worker's connections. */
  connectionEndpoints: string[];
  /** For each of this worker's clients: its connection, an index into `connectionEndpoints`. */
  clientConnections: number[];
  /** This worker's clients by their number in the whole run: its residues modulo `clients`. */
  clientNumbers: number[];
  /** Clients of the whole run. */
  clients: number;
}

export interface LoadShape {
  connections: number;
  clients: number;
  /** Of each machine. */
  workers: number;
  /** Machines that send; absent: this one. */
  agents?: number | undefined;
}

/** How many workers a run has on all machines: each has at least one client and its connection. */
export function workersOf({ workers, agents = 1, connections, clients }: LoadShape): number {
  return Math.min(workers * agents, connections, clients);
}

/** One share for each of `workersOf`. */
export function splitLoad(load: LoadShape, endpoints: readonly string[]): WorkerShare[] {
  const workers = workersOf(load);
  return Array.from({ length: workers }, (_, workerIndex) => {
    const connectionEndpoints: string[] = [];
    for (let connection = workerIndex; connection < load.connections; connection += workers) {
      connectionEndpoints.push(endpoints[connection % endpoints.length]!);
    }
    const clientConnections: number[] = [];
    const clientNumbers: number[] = [];
    for (let client = 0; client < load.clients; client++) {
      const connection = client % load.connections;
      if (connection % workers !== workerIndex) continue;
      clientNumbers.push(client);
      clientConnections.push(Math.floor(connection / workers));
    }
    return {
      workerIndex,
      connectionEndpoints,
      clientConnections,
      clientNumbers,
      clients: load.clients,
    };
  });
}

/** How many of the requests 0 to total - 1 are dealt to the share. */
export function dealtCount(total: number, share: WorkerShare): number {
  let count = 0;
  for (const number of share.clientNumbers) {
    if (number < total) count += Math.ceil((total - number) / share.clients);
  }
  return count;
}

/** Walks through the numbers of the requests that are dealt to a share, in order. */
export class DealtSequence {
  readonly #numbers: readonly number[];
  readonly #clients: number;
  #turn = 0;
  #base = 0;

  constructor(share: WorkerShare) {
    this.#numbers = share.clientNumbers;
    this.#clients = share.clients;
  }

  next(): number {
    const number = this.#base + this.#numbers[this.#turn]!;
    this.#turn += 1;
    if (this.#turn === this.#numbers.length) {
      this.#turn = 0;
      this.#base += this.#clients;
    }
    return number;
  }

  /** The number that comes at that place, counted from 0. */
  at(place: number): number {
    const turn = place % this.#numbers.length;
    return ((place - turn) / this.#numbers.length) * this.#clients + this.#numbers[turn]!;
  }

  restart(): void {
    this.#turn = 0;
    this.#base = 0;
  }
}
