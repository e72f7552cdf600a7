/** How a link reads its bytes from a socket: into new memory for each chunk, or into the same again. */
import { connect, type Socket } from "node:net";
import { splitEndpoint } from "../net/host-port.ts";

/** What Node asks the kernel for at a time. */
const READ_BYTES = 65_536;

export interface ByteSource {
  readonly socket: Socket;
  /** The next chunk overwrites the bytes of this one. */
  readonly isReused: boolean;
  /** To be called once, in the turn in which the source was made. */
  onBytes(take: (bytes: Buffer) => void): void;
}

/** Of a socket that a server accepted; Node lets a caller choose the memory only where it connects. */
export function acceptedSource(socket: Socket): ByteSource {
  return { socket, isReused: false, onBytes: (take) => socket.on("data", take) };
}

/** Connects to `host:port`. It reads into one buffer, which costs less CPU for each chunk. */
export function connectedSource(endpoint: string): ByteSource {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  let give: ((bytes: Buffer) => void) | null = null;
  const socket = connect({
    ...splitEndpoint(endpoint),
    ...{ allowHalfOpen: true, noDelay: true },
    onread: {
      buffer,
      callback: (length) => {
        give?.(buffer.subarray(0, length));
        return true;
      },
    },
  });
  return {
    socket,
    isReused: true,
    onBytes: (take) => {
      give = take;
    },
  };
}
