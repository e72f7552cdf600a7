/** Opens a listener at an address: for `localhost` one of IPv4 and one of IPv6 at the same port. */
import type { AddressInfo, Server } from "node:net";

/** IPv6 is off on some machines, and `localhost` is IPv4 alone there. */
const NO_IPV6 = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

export interface Listening {
  readonly servers: readonly Server[];
  /** The port that was chosen where 0 was asked for. */
  readonly port: number;
}

/**
 * @param host empty: every address of this machine, as with Go's `:2379`
 * @param make a server that does not listen yet
 * @throws the system's error, with every listener closed
 */
export async function listenAt(host: string, port: number, make: () => Server): Promise<Listening> {
  if (host !== "localhost") {
    const server = await listening(make(), host === "" ? undefined : host, port);
    return { servers: [server], port: portOf(server) };
  }
  const first = await listening(make(), "127.0.0.1", port);
  const chosen = portOf(first);
  try {
    return { servers: [first, await listening(make(), "::1", chosen)], port: chosen };
  } catch (error) {
    if (NO_IPV6.has((error as NodeJS.ErrnoException).code ?? "")) {
      return { servers: [first], port: chosen };
    }
    first.close();
    throw error;
  }
}

function listening(server: Server, host: string | undefined, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  // A server that listens at a port has an address with one.
  return (server.address() as AddressInfo).port;
}
