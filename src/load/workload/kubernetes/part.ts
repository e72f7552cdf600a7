/**
 * Owns what an operation of the kubernetes workload is made of: parts, each of which makes calls in
 * the client's own slot, one after the other, until it is done.
 */
import type { RequestTemplate } from "../../transport.ts";

export interface Part {
  /** The request of the step at hand. */
  request(client: number): RequestTemplate;
  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  /** The call of the step has ended with OK. */
  onAnswered(client: number, nowNs: number): void;
  /** It has not, or was cut: what came of it is not known. The operation ends. */
  onFailed(client: number, nowNs: number): void;
}

/** What a part does its work through. */
export interface PartHost {
  call(client: number, template: RequestTemplate, nowNs: number): void;
  done(client: number, nowNs: number): void;
  fail(client: number, status: number, message: string, nowNs: number): void;
  /** Adds to a named count of the series of the client's operation. */
  count(client: number, name: string, amount: number): void;
}
