/** Cuts one request's DATA into gRPC's messages, by the reader that clients have too. */
import { CallMode } from "#wire";
import { CallTable, ConnectionError, ErrorCode } from "#wire/framing";

/** `bytes[start, end)` is only lent. */
export type OnRequestMessage = (bytes: Uint8Array, start: number, end: number) => void;

const SLOT = 0;

export class MessageReader {
  readonly #table = new CallTable(1);
  readonly #listener;

  constructor(onMessage: OnRequestMessage) {
    this.#listener = {
      onMessage: (_slot: number, bytes: Uint8Array, start: number, end: number) =>
        onMessage(bytes, start, end),
      onCallEnd: () => {},
      onCallUnprocessed: () => {},
    };
    this.#table.open(SLOT, 1, CallMode.STREAM);
  }

  /** @throws ConnectionError where this is no framing of gRPC */
  read(bytes: Uint8Array, start: number, end: number): void {
    const fault = this.#table.scan(SLOT, bytes, start, end, this.#listener, 0);
    if (fault !== "") throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, fault);
  }
}
