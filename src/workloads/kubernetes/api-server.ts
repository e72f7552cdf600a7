/**
 * Keeps the state of a worker as one API server: its own objects of each resource, the requests that
 * write them, the watches of all of them, and the newest revision that it has seen. The operation that
 * fills the registry makes it, and those that come after use it.
 */

import type { Transport } from "#wire";
import type { Operations } from "../../load/workload.ts";
import { Deliveries } from "../parts/watching/deliveries.ts";
import { EventLeases } from "./event-leases.ts";
import { ObjectRequests } from "./object-requests.ts";
import { sizesOf } from "./object-sizes.ts";
import { Objects } from "./objects.ts";
import { RegistryKeys } from "./registry-keys.ts";
import {
  KUBERNETES_RESOURCES,
  type KubernetesResource,
  type KubernetesWorkload,
  objectsOf,
} from "./request-mix.ts";
import { ResourceWatches } from "./resource-watches.ts";
import { type KubernetesSpec, watchersOfWorker } from "./spec.ts";
import { workerToken } from "./value-header.ts";

/** The objects of one folder of the registry. */
export interface Resource {
  name: KubernetesResource;
  /** Its place among all resources. */
  place: number;
  keys: RegistryKeys;
  objects: Objects;
  requests: ObjectRequests;
  sizeClasses: number;
  /** How many of its objects are this worker's before the clock starts. */
  initial: number;
}

export interface WorkerPlace {
  seed: number;
  workerIndex: number;
  clients: number;
  /** Of the streams. */
  firstSlot: number;
}

export class ApiServer {
  readonly plan: KubernetesWorkload;
  readonly place: WorkerPlace;
  readonly token: number;
  /** In the order of `KUBERNETES_RESOURCES`. */
  readonly resources: readonly Resource[];
  readonly deliveries: Deliveries;
  readonly watches: ResourceWatches;
  readonly leases: EventLeases;
  newestRevision = 0;

  constructor(
    spec: KubernetesSpec,
    place: WorkerPlace,
    operations: Operations,
    transport: Transport,
  ) {
    const { plan, workers } = spec;
    const { seed, workerIndex } = place;
    this.plan = plan;
    this.place = place;
    this.token = workerToken(spec.token, workerIndex);
    this.resources = KUBERNETES_RESOURCES.map((name, index) => {
      const keys = new RegistryKeys(plan.prefix, name, plan.namespaces);
      const sizes = sizesOf(name, plan);
      const hasLease = name === "events";
      const initial = ownCount(objectsOf(name, plan), workerIndex, workers);
      return {
        name,
        place: index,
        keys,
        objects: new Objects(workerIndex, workers, initial),
        requests: new ObjectRequests(keys, sizes, { seed, token: this.token, hasLease }, transport),
        sizeClasses: sizes.length,
        initial,
      };
    });
    const watchers = watchersOfWorker(plan);
    this.deliveries = new Deliveries(operations, this.token, watchers, this.resources.length);
    this.leases = new EventLeases(plan, operations, () =>
      this.deliveries.watchersOf(this.resource("events").place),
    );
    this.watches = new ResourceWatches(spec, this, operations, transport);
  }

  resource(name: KubernetesResource): Resource {
    return this.resources[KUBERNETES_RESOURCES.indexOf(name)]!;
  }

  /** An answer has told a revision. */
  saw(revision: number): void {
    if (revision > this.newestRevision) this.newestRevision = revision;
  }
}

/** Object n belongs to worker n modulo the workers. */
function ownCount(count: number, workerIndex: number, workers: number): number {
  return Math.max(0, Math.ceil((count - workerIndex) / workers));
}
