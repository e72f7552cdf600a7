/** The IP addresses of this machine, which a server here may listen on. */
import { BlockList, isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** Those of its interfaces, loopback last. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all
    .toSorted((one, other) => Number(one.internal) - Number(other.internal))
    .map(({ address }) => address);
}

/** All of 127.0.0.0/8 are. */
export function isOwnAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const own = new BlockList();
  own.addSubnet("127.0.0.0", 8);
  for (const each of ownAddresses()) own.addAddress(each, isIPv6(each) ? "ipv6" : "ipv4");
  return own.check(address, version === 6 ? "ipv6" : "ipv4");
}
