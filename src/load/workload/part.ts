/**
 * Owns the interface of a part of an operation: calls one after the other in the client's own slot,
 * such as taking a lock, which workloads of several parts put together.
 */
import type { RequestTemplate } from "../transport.ts";

/** What a part does its work through. */
export interface PartHost {
  call(client: number, template: RequestTemplate, nowNs: number): void;
  cancel(client: number): void;
  done(client: number, nowNs: number): void;
  fail(client: number, status: number, message: string, nowNs: number): void;
  count(name: string, amount: number): void;
}

/** It makes calls one after the other until it is `done`. */
export interface Part {
  start(client: number, nowNs: number): void;
  /** The request of the step at hand. */
  request(client: number): RequestTemplate;
  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  /** The call of the step has ended with OK. */
  onAnswered(client: number, nowNs: number): void;
}
