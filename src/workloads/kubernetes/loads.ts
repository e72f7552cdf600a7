/** The loads of kubernetes: the registry is filled, its watches are opened, then requests are sent. */
import { type Load, PartName } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { WatchCreate } from "../parts/watching/watch-create.ts";
import { ApiServer } from "./api-server.ts";
import { Kubernetes } from "./load.ts";
import { RegistryFill } from "./registry-fill.ts";
import { type KubernetesSpec, watchersOfWorker } from "./spec.ts";

interface RegistrySpec<Kind extends string> extends OperationSpec {
  kind: Kind;
  kubernetes: KubernetesSpec;
}

export type FillSpec = RegistrySpec<"kubernetes-fill">;
export type WatchesSpec = RegistrySpec<"kubernetes-watch">;
export type RequestsSpec = RegistrySpec<"kubernetes">;

/** Made by the fill, and used by those that come after it. */
const API_SERVER = new PartName<ApiServer>();

export const fillLoad: Load<FillSpec> = {
  kind: "kubernetes-fill",
  make({ kubernetes }, { seed, share, operations, transport, firstExtraSlot, parts }) {
    const place = {
      seed,
      workerIndex: share.workerIndex,
      clients: share.clientConnections.length,
      firstSlot: firstExtraSlot,
    };
    const made = new ApiServer(kubernetes, place, operations, transport);
    return new RegistryFill(parts.set(API_SERVER, made), operations, transport);
  },
};

export const watchesLoad: Load<WatchesSpec> = {
  kind: "kubernetes-watch",
  make: (_, { share, operations, parts }) =>
    new WatchCreate(parts.get(API_SERVER).watches, operations, share.clientConnections.length),
  extraSlots({ kubernetes }, share) {
    const connections = share.connectionEndpoints.length;
    const streams = watchersOfWorker(kubernetes.plan);
    return Array.from({ length: streams }, (_, stream) => stream % connections);
  },
};

export const requestsLoad: Load<RequestsSpec> = {
  kind: "kubernetes",
  make: ({ kubernetes }, { share, operations, transport, parts }) =>
    new Kubernetes(kubernetes, parts.get(API_SERVER), share.clientNumbers, operations, transport),
};
