/** The fake etcd: listens on loopback and answers as etcd does, mostly without doing anything. */
import { initHistograms } from "../stats/histogram.ts";
import { type DelayDistribution, DelayedAnswers } from "./delays/delayed-answers.ts";
import { serveGateway } from "./gateway.ts";
import type { Methods } from "./grpc/methods.ts";
import { startGrpcServer } from "./grpc/server.ts";
import { KeyValues } from "./kv/key-values.ts";
import { kvService, PUT_PATH } from "./kv/service.ts";
import { leaseService } from "./lease.ts";
import { electionService } from "./lock/election-service.ts";
import { lockService } from "./lock/lock-service.ts";
import { MAINTENANCE_SERVICE } from "./maintenance.ts";
import { type Mistakes, NO_MISTAKES } from "./mistakes.ts";
import { Revisions } from "./revisions.ts";
import { methodsOf } from "./services.ts";
import { watchService } from "./watch/service.ts";
import { Watchers } from "./watch/watchers.ts";

export interface FakeEtcd {
  readonly port: number;
  /** Requests and messages of streams answered so far, and events sent. */
  readonly answered: number;
  /** Connections that come from now on share nothing with those before; `keeps` what is written. */
  begin(keeps: boolean): void;
  /** The delays of puts since the last call, as HdrHistogram V2; null where there are none. */
  takeDelays(): Uint8Array | null;
  close(): Promise<void>;
}

/**
 * `delays` holds for puts; ranges, which also warm connections up, are answered at once. `planted` are
 * mistakes that a test finds.
 */
export async function startFakeEtcd(
  delays: DelayDistribution | null,
  planted: Partial<Mistakes> = {},
): Promise<FakeEtcd> {
  if (delays !== null) await initHistograms();
  const delayed = delays === null ? null : new DelayedAnswers(delays);
  const mistakes = { ...NO_MISTAKES, ...planted };
  let answered = 0;
  const count = (more: number) => {
    answered += more;
  };
  /** What the connections of one run have in common. */
  const shareAnew = (keeps: boolean): Methods => {
    const keyValues = keeps ? new KeyValues() : null;
    const watchers = new Watchers(keyValues);
    const revisions = new Revisions();
    const kv = kvService(keyValues, watchers, count, mistakes);
    return methodsOf([
      delayed === null ? kv : delayed.of(kv, PUT_PATH),
      watchService(watchers, count),
      leaseService(mistakes),
      MAINTENANCE_SERVICE,
      lockService(revisions, mistakes),
      electionService(revisions),
    ]);
  };
  let shared = shareAnew(false);
  const onAnswer = () => count(1);
  const server = await startGrpcServer({
    methods: () => shared,
    onAnswer,
    serveHttp1: (socket) => serveGateway(socket, onAnswer),
  });
  return {
    port: server.port,
    get answered() {
      return answered;
    },
    begin(keeps) {
      shared = shareAnew(keeps);
    },
    takeDelays: () => delayed?.take() ?? null,
    close: () => server.close(),
  };
}
