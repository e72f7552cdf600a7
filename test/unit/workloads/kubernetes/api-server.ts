/** Clients of an API server; the test answers each of their calls. */
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { ApiServer } from "../../../../src/workloads/kubernetes/api-server.ts";
import { Kubernetes } from "../../../../src/workloads/kubernetes/load.ts";
import { RegistryFill } from "../../../../src/workloads/kubernetes/registry-fill.ts";
import {
  KUBERNETES_RESOURCES,
  type KubernetesWorkload,
  kubernetesSeries,
} from "../../../../src/workloads/kubernetes/request-mix.ts";
import { watchersOfWorker } from "../../../../src/workloads/kubernetes/spec.ts";
import { WatchCreate } from "../../../../src/workloads/parts/watching/watch-create.ts";
import { StepRig } from "../step-rig.ts";

export const CLIENTS = 2;

const TXN = "etcdserverpb.TxnRequest";

export const TXN_ANSWER = "etcdserverpb.TxnResponse";

interface Txn {
  compare: { key: Buffer; modRevision: string; version: string; target: string }[];
  success: {
    requestPut?: { key: Buffer; value: Buffer; lease: string };
    requestDeleteRange?: { key: Buffer };
  }[];
  failure: { requestRange?: { key: Buffer } }[];
}

export interface Range {
  key: Buffer;
  rangeEnd: Buffer;
  limit: string;
  revision: string;
  serializable: boolean;
  countOnly: boolean;
}

function workloadOf(flags: GivenFlags): KubernetesWorkload {
  const given = { nodes: "2", pods: "4", "pod-size": "1000", clients: "2", ...flags };
  const { workload } = planFromFlags({ command: "kubernetes", flags: given }, {}).plan;
  assert.is(workload.kind, "kubernetes");
  return workload as KubernetesWorkload;
}

/** Represents etcd: each write gets the next revision. */
export class Cluster {
  readonly rig = new StepRig();
  readonly plan: KubernetesWorkload;
  readonly names: string[];
  readonly server: ApiServer;
  readonly stored = new Map<string, { modRevision: number; value: Buffer }>();
  revision = 1;

  constructor(flags: GivenFlags) {
    this.plan = workloadOf(flags);
    this.names = kubernetesSeries(this.plan);
    const spec = { plan: this.plan, workers: 1, token: 77 };
    const place = { seed: 1, workerIndex: 0, clients: CLIENTS, firstSlot: CLIENTS };
    const { rig } = this;
    this.server = new ApiServer(spec, place, rig, rig.transport);
    const fill = new RegistryFill(this.server, rig, rig.transport);
    rig.workload = fill;
    for (let object = 0; object < fill.setUpShare; object++) {
      fill.begin(0, rig.nowNs);
      this.apply(0);
    }
    const watches = new WatchCreate(this.server.watches, rig, CLIENTS);
    rig.workload = watches;
    for (let watcher = 0; watcher < watches.setUpShare; watcher++) {
      watches.begin(0, rig.nowNs);
      rig.answer(CLIENTS + watcher, "etcdserverpb.WatchResponse", { created: true });
    }
    assert.is(rig.ended.filter(({ status }) => status !== 0).length, 0);
    rig.ended.length = 0;
    rig.workload = new Kubernetes(spec, this.server, [0, 1], rig, rig.transport);
    rig.workload.restart(true);
  }

  begin(client = 0): void {
    this.rig.workload.begin(client, this.rig.nowNs);
  }

  txn(client = 0): Txn {
    return this.rig.request<Txn>(client, TXN);
  }

  range(client = 0): Range {
    return this.rig.request<Range>(client, "etcdserverpb.RangeRequest");
  }

  /** Executes the client's transaction as etcd would, and notifies the watchers if `isSeen`. */
  apply(client = 0, isSeen = true): boolean {
    const { compare, success, failure } = this.txn(client);
    const key = compare[0]!.key.toString();
    const before = this.stored.get(key);
    const header = { revision: this.revision };
    if (Number(compare[0]!.modRevision) !== (before?.modRevision ?? 0)) {
      const kvs = before === undefined ? [] : [{ key: Buffer.from(key), ...before }];
      const responses = failure.length === 0 ? [] : [{ responseRange: { kvs } }];
      this.rig.answer(client, TXN_ANSWER, { header, responses });
      return false;
    }
    this.revision += 1;
    const { requestPut } = success[0]!;
    const kv = { key: Buffer.from(key), modRevision: this.revision };
    const prevKv = before === undefined ? {} : { prevKv: { ...kv, ...before } };
    let event: object;
    if (requestPut) {
      this.stored.set(key, { modRevision: this.revision, value: requestPut.value });
      event = { kv: { ...kv, value: requestPut.value }, ...prevKv };
    } else {
      this.stored.delete(key);
      event = { type: "DELETE", kv, ...prevKv };
    }
    this.rig.answer(client, TXN_ANSWER, { header: { revision: this.revision }, succeeded: true });
    if (isSeen) this.tell(key, event);
    return true;
  }

  /** Sends the event to each watcher of the key's resource. */
  tell(key: string, event: object): void {
    const resource = this.server.resources.findIndex(({ keys }) => key.startsWith(keys.folder));
    for (let watcher = 0; watcher < watchersOfWorker(this.plan); watcher++) {
      const slot = CLIENTS + watcher;
      if (watcher % KUBERNETES_RESOURCES.length !== resource || !this.rig.pending.has(slot)) {
        continue;
      }
      this.rig.answer(slot, "etcdserverpb.WatchResponse", { events: [event] });
    }
  }

  get unsettled(): number {
    return this.rig.workload.unsettled ?? 0;
  }

  samplesOf(name: string): number {
    const series = this.names.indexOf(name);
    return this.rig.samples.filter((sample) => sample.series === series).length;
  }
}
