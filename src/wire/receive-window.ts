/**
 * Keeps the window within which the server may send (RFC 9113 section 5.2). Bytes are consumed as they
 * come and nothing is kept, so the windows are large and serve only to keep updates rare.
 */
import { ConnectionError, ErrorCode } from "./frames.ts";

/** Of one stream, by our SETTINGS_INITIAL_WINDOW_SIZE. */
export const STREAM_WINDOW_BYTES = 16 * 1024 * 1024;
/** Of the connection, raised from its default by a WINDOW_UPDATE in our preface. */
export const CONNECTION_WINDOW_BYTES = 1024 * 1024 * 1024;
/** One connection-level update for this many bytes received. */
const CONNECTION_UPDATE_BYTES = 1024 * 1024;

export class ReceiveWindow {
  readonly #windowBytes: number;
  readonly #updateBytes: number;
  /** Received since the last update was sent. */
  #receivedBytes = 0;

  constructor(windowBytes = CONNECTION_WINDOW_BYTES, updateBytes = CONNECTION_UPDATE_BYTES) {
    this.#windowBytes = windowBytes;
    this.#updateBytes = updateBytes;
  }

  /** Counts bytes; returns the increment of the WINDOW_UPDATE that is due, or 0. */
  received(flowBytes: number): number {
    this.#receivedBytes += flowBytes;
    if (this.#receivedBytes < this.#updateBytes) return 0;
    if (this.#receivedBytes > this.#windowBytes) {
      throw new ConnectionError(
        ErrorCode.FLOW_CONTROL_ERROR,
        "the server sent more than the connection's window",
      );
    }
    const increment = this.#receivedBytes;
    this.#receivedBytes = 0;
    return increment;
  }
}
