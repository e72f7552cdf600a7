/** Owns the null server: listens on loopback and answers without doing anything. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { initHistograms } from "../../stats/histogram.ts";
import { makeAnswers } from "./answers.ts";
import { NullConnection } from "./connection.ts";
import { Contention } from "./contention.ts";
import { type DelayDistribution, Delayer } from "./delayer.ts";
import type { Outgoing } from "./outgoing.ts";
import { NullWatchers } from "./watchers.ts";

/** Node's own 511 would drop some of a thousand connections that open at once. */
const BACKLOG = 4_096;

export interface NullServer {
  readonly port: number;
  /** Requests and messages of streams answered so far, and events sent. */
  readonly answered: number;
  /** The delays of puts since the last call, as HdrHistogram V2; null where there are none. */
  takeDelays(): Uint8Array | null;
  close(): Promise<void>;
}

/** `delays` holds for puts; ranges, which also warm connections up, are answered at once. */
export async function startNullServer(delays: DelayDistribution | null): Promise<NullServer> {
  if (delays !== null) await initHistograms();
  const delayer = delays === null ? null : new Delayer(delays);
  const answers = makeAnswers();
  const sockets = new Set<Socket>();
  let answered = 0;
  const watchers = new NullWatchers();
  const contention = new Contention();
  const unflushed = new Set<Outgoing>();
  const onAnswer = (count: number) => {
    answered += count;
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new NullConnection(socket, { answers, delayer, watchers, contention, unflushed, onAnswer });
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    port: address.port,
    get answered() {
      return answered;
    },
    takeDelays: () => delayer?.take() ?? null,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
