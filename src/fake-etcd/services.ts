/** The methods of several gRPC services as one table of methods. */
import { Status } from "#wire";
import { failure } from "./grpc/answer.ts";
import type { Caller, Method, Methods } from "./grpc/methods.ts";

export interface Service {
  /** By their paths. */
  readonly methods: ReadonlyMap<string, Method>;
  /** The client has cancelled a call that waits for its answer. */
  cancel?(caller: Caller, streamId: number): void;
  /** The connection has closed. */
  drop?(caller: Caller): void;
}

const UNIMPLEMENTED = failure(Status.UNIMPLEMENTED, "the fake etcd does not know this request");

/** The answer to a path or a request that is not known. */
export const unimplemented = () => UNIMPLEMENTED;

const UNKNOWN: Method = { isStream: false, readsMessage: false, answer: unimplemented };

export function methodsOf(services: readonly Service[]): Methods {
  const methods = new Map(services.flatMap((service) => [...service.methods]));
  return {
    of: (path) => methods.get(path) ?? UNKNOWN,
    cancel(caller, streamId) {
      for (const service of services) service.cancel?.(caller, streamId);
    },
    drop(caller) {
      for (const service of services) service.drop?.(caller);
    },
  };
}
