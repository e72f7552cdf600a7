/** A network namespace with addresses of its own, connected by a virtual link, for tests. */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { userInfo } from "node:os";

/** Why namespaces are not available; null when they are. */
export const NO_NAMESPACES = reasonAgainst();

export class NetworkNamespace {
  readonly name: string;
  /** This machine's address on the link. */
  readonly outside: string;
  readonly inside: string;

  /** Uses addresses that RFC 2544 reserves for benchmarks. */
  constructor() {
    const id = randomBytes(4).toString("hex");
    const net = `198.${18 + randomInt(2)}.${randomInt(256)}`;
    this.name = `bench-${id}`;
    this.outside = `${net}.1`;
    this.inside = `${net}.2`;
    const wire = `bw${id}`;
    ip("netns", "add", this.name);
    try {
      ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", this.name);
      ip("address", "add", `${this.outside}/24`, "dev", wire);
      ip("link", "set", wire, "up");
      ip("-n", this.name, "address", "add", `${this.inside}/24`, "dev", "eth0");
      ip("-n", this.name, "link", "set", "eth0", "up");
      ip("-n", this.name, "link", "set", "lo", "up");
      ip("-n", this.name, "route", "add", "default", "via", this.outside);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Command prefix that runs a program in the namespace. */
  get within(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  /** Also removes the link. */
  remove(): void {
    ip("netns", "delete", this.name);
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}

function reasonAgainst(): string | null {
  if (userInfo().uid !== 0) return "network namespaces are made by root alone";
  const name = `bench-${randomBytes(4).toString("hex")}`;
  const { error, status, stderr } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (error !== undefined) return "ip is not installed (Debian: iproute2)";
  if (status !== 0) return `no network namespace can be made: ${stderr.trim()}`;
  ip("netns", "delete", name);
  return null;
}
