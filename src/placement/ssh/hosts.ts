/** Reads the hosts of --ssh: `host`, `user@host`, `host:port`, `[IPv6]:port`, with commas between. */
import { flagError } from "../../errors.ts";

export interface SshHost {
  /** As ssh takes it: `host` or `user@host`. */
  readonly destination: string;
  /** Null: what the user's configuration has, or 22. */
  readonly port: number | null;
}

/** A shell, or ssh's own `%` in a ProxyCommand, takes none of them for more than a name. */
const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@+\\-]{0,63}$/;
const HIGHEST_PORT = 65_535;

/** @throws BenchError (usage) for what is no host, and for one that is named twice */
export function readHosts(flag: string, text: string): SshHost[] {
  const hosts = text.split(",").map((each) => readHost(flag, each));
  const seen = new Set<string>();
  for (const host of hosts) {
    const shown = describeHost(host);
    if (seen.has(shown)) {
      throw flagError(
        "ssh",
        `${flag}: ${shown} is there twice, and one agent runs as many threads as the host has CPUs; name it once`,
      );
    }
    seen.add(shown);
  }
  return hosts;
}

/** As errors and tables name it. */
export function describeHost({ destination, port }: SshHost): string {
  if (port === null) return destination;
  const at = destination.lastIndexOf("@") + 1;
  const host = destination.slice(at);
  const shown = host.includes(":") ? `[${host}]` : host;
  return `${destination.slice(0, at)}${shown}:${port}`;
}

/** Names for agents, each once: that of the host, with a number where an earlier one has that name. */
export function agentNames(hosts: readonly SshHost[]): string[] {
  const names = new Set<string>();
  for (const { destination } of hosts) {
    const host = destination.slice(destination.lastIndexOf("@") + 1);
    const base = host.replace(/[^\w.-]/g, "-").slice(0, 56);
    let name = base;
    for (let number = 2; names.has(name); number++) name = `${base}-${number}`;
    names.add(name);
  }
  return [...names];
}

function readHost(flag: string, text: string): SshHost {
  const at = text.lastIndexOf("@");
  const user = at < 0 ? null : text.slice(0, at);
  const { host, port } = readAddress(text.slice(at + 1));
  const isPort = port === null || (/^\d+$/.test(port) && Number(port) >= 1);
  if (isPort && Number(port) > HIGHEST_PORT) {
    throw flagError(
      "ssh",
      `${flag}: ${JSON.stringify(text)}: the port is above ${HIGHEST_PORT}; give that of its sshd`,
    );
  }
  if (!isPort || !(HOST.test(host) || IPV6.test(host)) || (user !== null && !USER.test(user))) {
    throw flagError(
      "ssh",
      `${flag}: ${JSON.stringify(text)} is no host: give names or addresses with commas between, ` +
        "as in host1,user@host2:2222,[2001:db8::1]:22",
    );
  }
  return {
    destination: user === null ? host : `${user}@${host}`,
    port: port === null ? null : Number(port),
  };
}

/** An IPv6 address without brackets has no port. */
function readAddress(text: string): { host: string; port: string | null } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  if (bracketed !== null) {
    const [, host = "", port = null] = bracketed;
    return { host: IPV6.test(host) ? host : "", port };
  }
  const parts = text.split(":");
  if (parts.length !== 2) return { host: text, port: null };
  return { host: parts[0]!, port: parts[1]! };
}
