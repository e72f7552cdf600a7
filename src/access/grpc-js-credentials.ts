/**
 * Makes the channel credentials of grpc-js clients. The TLS credentials of grpc-js send an address as
 * the server name, which RFC 6066 forbids and Node warns of, so these open TLS as the rest of bench
 * does.
 */

import type { Socket } from "node:net";
import { connect, type SecureContext } from "node:tls";
import {
  CallCredentials,
  ChannelCredentials,
  type experimental,
  logVerbosity,
  setLogVerbosity,
} from "@grpc/grpc-js";
import { splitEndpoint } from "../net/host-port.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import { connectionOptionsOf, HTTP2_PROTOCOL, secureContextOf } from "../net/tls-connect.ts";

// It would print octets of servers on the terminal by itself; what fails is in the errors of calls.
setLogVerbosity(logVerbosity.NONE);

/**
 * One for each endpoint, to be shared by its clients.
 * @param endpoint `host:port`
 */
export function grpcJsCredentials(
  tls: TlsMaterial | null,
  endpoint: string,
  secureContext = tls === null ? null : secureContextOf(tls),
): ChannelCredentials {
  if (tls === null || secureContext === null) return ChannelCredentials.createInsecure();
  return new TlsCredentials(tls, endpoint, secureContext);
}

class TlsCredentials extends ChannelCredentials {
  readonly #tls: TlsMaterial;
  readonly #endpoint: string;
  readonly #secureContext: SecureContext;

  constructor(tls: TlsMaterial, endpoint: string, secureContext: SecureContext) {
    super();
    this.#tls = tls;
    this.#endpoint = endpoint;
    this.#secureContext = secureContext;
  }

  _isSecure(): boolean {
    return true;
  }

  _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  _createSecureConnector(): experimental.SecureConnector {
    return {
      connect: (socket) => this.#secure(socket),
      waitForReady: async () => {},
      getCallCredentials: () => CallCredentials.createEmpty(),
      destroy() {},
    };
  }

  #secure(socket: Socket): Promise<experimental.SecureConnectResult> {
    return new Promise((resolve, reject) => {
      const { host } = splitEndpoint(this.#endpoint);
      const secured = connect({
        socket,
        host,
        ...connectionOptionsOf(this.#tls, host),
        secureContext: this.#secureContext,
        ALPNProtocols: [HTTP2_PROTOCOL],
      });
      secured.once("secureConnect", () => resolve({ socket: secured, secure: true }));
      secured.on("error", reject);
    });
  }
}
