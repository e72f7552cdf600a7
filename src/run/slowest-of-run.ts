/** Keeps the slowest requests that any worker has recorded of one series, as a result has them. */
import type { SlowRequest } from "../load/recording/slowest-requests.ts";
import { keyTextOfBytes } from "../plan/key-text.ts";
import type { SlowRequestResult } from "../result/slow-request-schema.ts";

export class SlowestOfRun {
  readonly #most: number;
  /** The slowest first. */
  #kept: SlowRequest[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(requests: readonly SlowRequest[]): void {
    if (requests.length === 0) return;
    this.#kept = [...this.#kept, ...requests]
      .sort((a, b) => judgedNs(b) - judgedNs(a))
      .slice(0, this.#most);
  }

  /**
   * Null where none were asked for. What was near each is found out when the run is over.
   * @param originNs when the measured phase began
   */
  result(originNs: number): SlowRequestResult[] | null {
    if (this.#most === 0) return null;
    return this.#kept.map((request) => ({
      startSeconds: rounded((request.endNs - judgedNs(request) - originNs) / 1e9),
      endpoint: request.endpoint,
      key: request.key === null ? null : keyTextOfBytes(Buffer.from(request.key)),
      revision: request.revision,
      serviceMs: rounded(request.serviceNs / 1e6),
      responseMs: request.responseNs === null ? null : rounded(request.responseNs / 1e6),
      code: request.code,
      near: [],
    }));
  }
}

/** By the clock that the run is judged by. */
function judgedNs({ serviceNs, responseNs }: SlowRequest): number {
  return responseNs ?? serviceNs;
}

/** Of seconds to a microsecond, of milliseconds to a nanosecond. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
