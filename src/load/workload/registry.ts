/** Owns which workload serves which operation. */

import type { Transport } from "#wire";
import type { WorkerShare } from "../../plan/shares.ts";
import { seededRandom } from "../../random.ts";
import type { OperationSpec } from "../messages.ts";
import { Contend } from "./contend.ts";
import { contendSlotConnections } from "./contend-requests.ts";
import { Delete } from "./delete.ts";
import { Deliveries } from "./deliveries.ts";
import { ApiServer } from "./kubernetes/api-server.ts";
import { Kubernetes } from "./kubernetes/kubernetes.ts";
import { RegistryFill } from "./kubernetes/registry-fill.ts";
import { watchersOfWorker } from "./kubernetes/spec.ts";
import { LeaseGrant } from "./lease-grant.ts";
import { LeaseKeepalive } from "./lease-keepalive.ts";
import { Mix, type MixKind } from "./mix.ts";
import { mixedKinds } from "./mixed.ts";
import { Put } from "./put.ts";
import { Range } from "./range.ts";
import { RangeKey } from "./range-key.ts";
import { RangePages } from "./range-pages.ts";
import { type RequestSource, SingleCalls } from "./single-calls.ts";
import { Staleness } from "./staleness.ts";
import { Stm } from "./stm.ts";
import { TxnRange } from "./txn-mixed.ts";
import { TxnPut } from "./txn-put.ts";
import { WatchPut } from "./watch.ts";
import { WatchCreate } from "./watch-create.ts";
import { WatchGet } from "./watch-get.ts";
import { streamConnections } from "./watched-keys.ts";
import { Watchers } from "./watchers.ts";
import type { Operations, Workload } from "./workload.ts";

/** Never written by anyone: reading it warms connections and code, and changes nothing. */
export const PATH_WARMUP_KEY = "\0etcd-bench path warm-up";

/** The seed's generators for the kinds of a mix, one for each worker. */
const FIRST_KIND_STREAM = 3_000;

/** What every workload is made with. */
export interface WorkloadContext {
  share: WorkerShare;
  seed: number;
  operations: Operations;
  transport: Transport;
  /** The first of the slots that the workload asked for in `extraSlotConnections`. */
  firstExtraSlot: number;
  /** Made by watch-create, and used by the watch-put that comes after it. */
  watchers?: Watchers<Deliveries>;
  /** Made by kubernetes-fill, and used by those that come after it. */
  apiServer?: ApiServer;
}

/** The endpoints of connections that an operation needs for itself, beside the share's. */
export function ownConnections(spec: OperationSpec, share: WorkerShare): readonly string[] {
  switch (spec.kind) {
    case "watch-get":
      // Streams of events must not stand before the gets on a socket.
      return share.connectionEndpoints;
    case "staleness":
      return spec.staleness.readEndpoints;
    default:
      return [];
  }
}

/**
 * The connections of the slots that an operation needs beyond the one of each client, for streams
 * that stay open: indices into the share's, or from `firstOwn` on into its own.
 */
export function extraSlotConnections(
  spec: OperationSpec,
  share: WorkerShare,
  firstOwn: number,
): number[] {
  switch (spec.kind) {
    case "watch-get":
      return streamConnections(spec.watchGet.watch, share).map((each) => firstOwn + each);
    case "staleness": {
      const { readEndpoints, readsAtOnce } = spec.staleness;
      return readEndpoints.flatMap((_, member) => new Array(readsAtOnce).fill(firstOwn + member));
    }
    case "watch-create":
      return streamConnections(spec.watch, share);
    case "contend":
      return contendSlotConnections(spec.contend, share);
    case "kubernetes-watch": {
      const streams = watchersOfWorker(spec.kubernetes.plan);
      const connections = share.connectionEndpoints.length;
      return Array.from({ length: streams }, (_, stream) => stream % connections);
    }
    case "kubernetes-fill":
    case "kubernetes":
    case "watch-put":
    case "put":
    case "range":
    case "range-key":
    case "lease-grant":
    case "stm":
    case "lease-keepalive":
    case "txn-put":
    case "txn-mixed":
    case "delete":
    case "mixed":
      return [];
  }
}

export function makeWorkload(spec: OperationSpec, context: WorkloadContext): Workload {
  const { seed, share, transport } = context;
  switch (spec.kind) {
    case "put":
      return singleCalls(new Put(spec.put, seed, share, transport), context);
    case "lease-grant":
      return new LeaseGrant(spec.leaseGrant, seed, share, context.operations, transport);
    case "stm":
      return new Stm(spec.stm, seed, share, context.operations, transport);
    case "contend": {
      const { operations, firstExtraSlot } = context;
      return new Contend(spec.contend, share, operations, transport, firstExtraSlot);
    }
    case "lease-keepalive":
      return new LeaseKeepalive(spec.keepalive, share.clientNumbers, context.operations, transport);
    case "range": {
      const clients = share.clientConnections.length;
      return spec.range.fetch === "pages"
        ? new RangePages(spec.range, clients, context.operations, transport)
        : singleCalls(new Range(spec.range, clients, transport), context);
    }
    case "range-key":
      return singleCalls(new RangeKey(spec.keys, spec.range, seed, share, transport), context);
    case "watch-create": {
      const { operations, firstExtraSlot } = context;
      const { token } = spec.watch;
      context.watchers = new Watchers(
        spec.watch,
        share,
        operations,
        transport,
        firstExtraSlot,
        (watchers, keys) => new Deliveries(operations, token, watchers, keys),
      );
      return new WatchCreate(context.watchers, operations, share.clientConnections.length);
    }
    case "watch-put": {
      const { operations, watchers } = context;
      return new WatchPut(spec.watch, watchers!, operations, transport, { seed, share });
    }
    case "watch-get": {
      const { operations, firstExtraSlot } = context;
      return new WatchGet(spec.watchGet, share, operations, transport, firstExtraSlot);
    }
    case "staleness": {
      const { operations, firstExtraSlot } = context;
      const { staleness } = spec;
      return new Staleness(staleness, seed, share, operations, transport, firstExtraSlot);
    }
    case "txn-put":
      return singleCalls(new TxnPut(spec.txnPut, seed, share, transport), context);
    case "delete":
      return singleCalls(new Delete(spec.keys, seed, share, transport), context);
    case "mixed":
      return mix(mixedKinds(spec.mixed, seed, share, transport), context);
    case "kubernetes-fill": {
      const { operations, firstExtraSlot } = context;
      const place = {
        seed,
        workerIndex: share.workerIndex,
        clients: share.clientConnections.length,
        firstSlot: firstExtraSlot,
      };
      context.apiServer = new ApiServer(spec.kubernetes, place, operations, transport);
      return new RegistryFill(context.apiServer, operations, transport);
    }
    case "kubernetes-watch": {
      const { watches } = context.apiServer!;
      return new WatchCreate(watches, context.operations, share.clientConnections.length);
    }
    case "kubernetes": {
      const { operations, apiServer } = context;
      const { clientNumbers } = share;
      return new Kubernetes(spec.kubernetes, apiServer!, clientNumbers, operations, transport);
    }
    case "txn-mixed": {
      const { read, write, rwRatio } = spec.txnMixed;
      const kinds = [
        { source: new TxnRange(read, transport), weight: rwRatio },
        { source: new TxnPut(write, seed, share, transport), weight: 1 },
      ];
      return mix(
        kinds.map(({ source, weight }) => ({
          weight,
          make: (operations) => singleCalls(source, { ...context, operations }),
        })),
        context,
      );
    }
  }
}

export function pathWarmup(context: WorkloadContext): Workload {
  const key = Buffer.from(PATH_WARMUP_KEY, "utf8");
  const request = { key, end: null, consistency: "serializable" } as const;
  const range = new Range(request, context.share.clientConnections.length, context.transport);
  return singleCalls(range, context);
}

function singleCalls(source: RequestSource, context: WorkloadContext): Workload {
  const { share, operations, transport } = context;
  return new SingleCalls(source, share.clientConnections.length, operations, transport);
}

function mix(kinds: readonly MixKind[], { share, seed, operations }: WorkloadContext): Workload {
  const makeRandom = () => seededRandom(seed, FIRST_KIND_STREAM + share.workerIndex);
  return new Mix(kinds, makeRandom, share.clientConnections.length, operations);
}
