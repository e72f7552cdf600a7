/** Knows on which machines the members of a target run, as far as their endpoints tell. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { splitEndpoint } from "../net/host-port.ts";
import { isLocalEndpoint } from "../result/local-endpoint.ts";
import { isSystemError } from "../system-error.ts";

export class MemberPlaces {
  readonly #addresses: ReadonlyMap<string, readonly string[]>;

  /** Resolves when the names of their hosts are looked up. */
  static async of(endpoints: readonly string[]): Promise<MemberPlaces> {
    return new MemberPlaces(await addressesOf(endpoints));
  }

  constructor(addresses: ReadonlyMap<string, readonly string[]> = new Map()) {
    this.#addresses = addresses;
  }

  /**
   * Whether the member is on the machine with these addresses. A loopback address is one of every machine, and
   * means this process's own: its metrics come from there.
   */
  isAt(endpoint: string, addresses: ReadonlySet<string>, isOwn: boolean): boolean {
    if (isLocalEndpoint(endpoint)) return isOwn;
    // Members that joined meanwhile were not looked up.
    const known = this.#addresses.get(endpoint) ?? [splitEndpoint(endpoint).host];
    return known.some((address) => addresses.has(address));
  }
}

/** Of each `host:port`; none of a name that is not known here. */
async function addressesOf(endpoints: readonly string[]): Promise<Map<string, readonly string[]>> {
  const found = endpoints.map(
    async (endpoint) => [endpoint, await addressesOfOne(endpoint)] as const,
  );
  return new Map(await Promise.all(found));
}

async function addressesOfOne(endpoint: string): Promise<readonly string[]> {
  const { host } = splitEndpoint(endpoint);
  const literal = host.replace(/%.*$/, "");
  if (isIP(literal) !== 0) return [literal];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    // A name that only a proxy, or an agent, can resolve.
    if (!isSystemError(error)) throw error;
    return [];
  }
}
