/** Keeps the limits that the server's SETTINGS set this client (RFC 9113 section 6.5.2). */
import {
  ConnectionError,
  DEFAULT_HEADER_TABLE_SIZE,
  DEFAULT_INITIAL_WINDOW_SIZE,
  DEFAULT_MAX_FRAME_SIZE,
  ErrorCode,
  LARGEST_MAX_FRAME_SIZE,
  LARGEST_WINDOW_SIZE,
  readUint32,
  Setting,
} from "./frames.ts";

export class PeerSettings {
  maxConcurrentStreams = Number.POSITIVE_INFINITY;
  initialWindowSize = DEFAULT_INITIAL_WINDOW_SIZE;
  maxFrameSize = DEFAULT_MAX_FRAME_SIZE;
  /**
   * The server has lowered SETTINGS_HEADER_TABLE_SIZE, at whatever step, since this was last reset:
   * the next header block must begin with a dynamic table size update (RFC 7541 section 4.2).
   */
  hasLoweredHeaderTable = false;
  #headerTableSize = DEFAULT_HEADER_TABLE_SIZE;

  /** Applies one SETTINGS payload in order; returns by how much the initial window changed. */
  apply(bytes: Uint8Array, start: number, end: number): number {
    const windowBefore = this.initialWindowSize;
    for (let at = start; at < end; at += 6) {
      this.#set((bytes[at]! << 8) | bytes[at + 1]!, readUint32(bytes, at + 2));
    }
    return this.initialWindowSize - windowBefore;
  }

  #set(id: number, value: number): void {
    switch (id) {
      case Setting.MAX_CONCURRENT_STREAMS:
        this.maxConcurrentStreams = value;
        break;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > LARGEST_WINDOW_SIZE) {
          throw new ConnectionError(
            ErrorCode.FLOW_CONTROL_ERROR,
            `SETTINGS_INITIAL_WINDOW_SIZE of ${value} is above 2^31-1`,
          );
        }
        this.initialWindowSize = value;
        break;
      case Setting.MAX_FRAME_SIZE:
        if (value < DEFAULT_MAX_FRAME_SIZE || value > LARGEST_MAX_FRAME_SIZE) {
          throw new ConnectionError(
            ErrorCode.PROTOCOL_ERROR,
            `SETTINGS_MAX_FRAME_SIZE of ${value} is outside its range`,
          );
        }
        this.maxFrameSize = value;
        break;
      case Setting.ENABLE_PUSH:
        // A server must not send any value but 0 (RFC 9113 section 6.5.2).
        if (value !== 0) {
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a server sent SETTINGS_ENABLE_PUSH");
        }
        break;
      case Setting.HEADER_TABLE_SIZE:
        if (value < this.#headerTableSize) this.hasLoweredHeaderTable = true;
        this.#headerTableSize = value;
        break;
      default:
        // MAX_HEADER_LIST_SIZE is advice, and our blocks are small; unknown settings are ignored.
        break;
    }
  }
}
