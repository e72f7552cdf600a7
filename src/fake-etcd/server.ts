/** Owns the null server: listens on loopback and answers without doing anything. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { initHistograms } from "../stats/histogram.ts";
import { makeAnswers } from "./answers.ts";
import { NullConnection } from "./connection.ts";
import { Contention } from "./contention.ts";
import { type DelayDistribution, Delayer } from "./delayer.ts";
import { KeptRequests } from "./kept-requests.ts";
import { type Change, KeyValues } from "./key-values.ts";
import type { Outgoing } from "./outgoing.ts";
import { NullWatchers } from "./watchers.ts";

/** Node's own 511 would drop some of a thousand connections that open at once. */
const BACKLOG = 4_096;

export interface NullServer {
  readonly port: number;
  /** Requests and messages of streams answered so far, and events sent. */
  readonly answered: number;
  /** Connections that come from now on share nothing with those before; `keeps` what is written. */
  begin(keeps: boolean): void;
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
  const unflushed = new Set<Outgoing>();
  const onAnswer = (count: number) => {
    answered += count;
  };
  /** What the connections of one run have in common. */
  const shareAnew = (keeps: boolean) => {
    const keyValues = keeps ? new KeyValues() : null;
    const watchers = new NullWatchers(keyValues);
    const onChange = (change: Change) => onAnswer(watchers.tell(change));
    const kept = keyValues === null ? null : new KeptRequests(keyValues, onChange);
    return { watchers, contention: new Contention(), kept };
  };
  let shared = shareAnew(false);
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new NullConnection(socket, { answers, delayer, ...shared, unflushed, onAnswer });
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
    begin(keeps) {
      shared = shareAnew(keeps);
    },
    takeDelays: () => delayer?.take() ?? null,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
