/**
 * Defines a part of an operation: calls one after the other in the client's own slot, such as taking a
 * lock, which workloads of several parts put together.
 */
import type { RequestTemplate } from "#wire";

/** Calls that follow one another until they call the host's `done` or `fail`. */
export interface Steps {
  /** The request of the current step. */
  request(client: number): RequestTemplate;
  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  /** The call of the step has ended with OK. */
  onAnswered(client: number, nowNs: number): void;
}

/** What steps do their work through. */
export interface StepsHost {
  call(client: number, template: RequestTemplate, nowNs: number): void;
  done(client: number, nowNs: number): void;
  fail(client: number, status: number, message: string, nowNs: number): void;
}

/** Steps that begin of themselves; where one fails, so does the operation, and no part is notified. */
export interface Part extends Steps {
  start(client: number, nowNs: number): void;
}

/** A part of one call, which is done once the call has ended with OK. */
export function oneCall(host: StepsHost, request: Part["request"]): Part {
  return {
    request,
    start: (client, nowNs) => host.call(client, request(client), nowNs),
    onMessage: () => {},
    onAnswered: (client, nowNs) => host.done(client, nowNs),
  };
}

export interface PartHost extends StepsHost {
  cancel(client: number): void;
  count(name: string, amount: number): void;
}
