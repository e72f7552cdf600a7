/** Finds the members of etcd in a Procfile, by the flags of their commands. */
import { join, resolve } from "node:path";
import { usageError } from "../../errors.ts";
import { shellWords } from "../../shell-words.ts";
import type { ClientFiles } from "../local-cluster/security.ts";
import type { Procfile, ProcfileEntry } from "./procfile.ts";

export interface ProcfileMember {
  /** As etcd names it. */
  name: string;
  /** `host:port` that it advertises. */
  endpoint: string;
  peerEndpoint: string;
  /** `host:port` where it listens; the first on loopback where there are several. */
  listen: { endpoint: string; peerEndpoint: string };
  clientScheme: "http" | "https";
  peerScheme: "http" | "https";
  /** By which its clients get in; null: without TLS. */
  clientFiles: ClientFiles | null;
  dataDir: string;
  /** Of all URLs that it listens on. */
  hosts: string[];
}

/** etcd's own. */
const DEFAULTS = {
  name: "default",
  "listen-client-urls": "http://localhost:2379",
  "listen-peer-urls": "http://localhost:2380",
};

/** Variables and `exec` before the program, and the program. */
const PROGRAM = /^((?:\w+=\S*\s+)*(?:exec\s+)?)(\S+)/;

/** The first word of a command that is a program. */
export function programOf(command: string): string {
  return PROGRAM.exec(command)?.[2] ?? "";
}

export function withProgram(command: string, program: string): string {
  return command.replace(PROGRAM, (_, before: string) => before + program);
}

/** Null where the command starts no member. @throws BenchError (usage) for a quote that is not closed */
export function memberOf(
  { command, line }: ProcfileEntry,
  { path, folder }: Pick<Procfile, "path" | "folder">,
): ProcfileMember | null {
  if (!/(^|\/)etcd$/.test(programOf(command))) return null;
  const [, ...args] = shellWords(`${path}:${line}`, command.replace(PROGRAM, "$2"));
  // grpc-proxy and gateway are etcd's, and no members.
  if (args[0] !== undefined && !args[0].startsWith("-")) return null;
  const flags = flagsOf(args);
  const { name } = flags;
  const clients = urlsOf(flags["listen-client-urls"]);
  const peers = urlsOf(flags["listen-peer-urls"]);
  const advertised = urlsOf(flags["advertise-client-urls"] ?? flags["listen-client-urls"]);
  const advertisedPeers = urlsOf(flags["initial-advertise-peer-urls"] ?? flags["listen-peer-urls"]);
  const clientScheme = schemeOf(nearest(clients));
  return {
    name,
    endpoint: nearest(advertised).host,
    peerEndpoint: nearest(advertisedPeers).host,
    listen: { endpoint: nearest(clients).host, peerEndpoint: nearest(peers).host },
    clientScheme,
    peerScheme: schemeOf(nearest(advertisedPeers)),
    clientFiles: clientScheme === "http" ? null : filesOf(flags, `${path}:${line}`, folder),
    dataDir: resolve(folder, flags["data-dir"] ?? join(folder, `${name}.etcd`)),
    hosts: [...clients, ...peers].map(({ hostname }) => hostname.replace(/^\[|\]$/g, "")),
  };
}

function schemeOf({ protocol }: Pick<URL, "protocol">): "http" | "https" {
  return protocol === "https:" ? "https" : "http";
}

/**
 * A server's certificate is a client's as well, since etcd uses it for calls to itself.
 * @throws BenchError (usage) with `place` for one that etcd makes, which no client can check
 */
function filesOf(flags: Record<string, string | undefined>, place: string, folder: string) {
  const { "cert-file": cert, "key-file": key, "trusted-ca-file": ca } = flags;
  if (cert === undefined || key === undefined) {
    throw usageError(
      `${place}: https needs --cert-file and --key-file, which bench uses as well; no client can verify a certificate of --auto-tls`,
    );
  }
  const at = (file: string) => resolve(folder, file);
  // One that signed itself is its own authority.
  return { ca: at(ca ?? cert), cert: at(cert), key: at(key) };
}

/** `--flag=value` and `--flag value`, with one dash or two, as Go's flag package takes them. */
function flagsOf(args: readonly string[]): typeof DEFAULTS & Record<string, string | undefined> {
  const flags: Record<string, string> = {};
  for (let at = 0; at < args.length; at++) {
    const [, name, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(args[at]!) ?? [];
    if (name === undefined) continue;
    const next = args[at + 1];
    if (value !== undefined) flags[name] = value;
    else if (next !== undefined && !next.startsWith("-")) flags[name] = args[++at]!;
  }
  return { ...DEFAULTS, ...flags };
}

function urlsOf(list: string | undefined): URL[] {
  return (list ?? "")
    .split(",")
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url));
}

function nearest(urls: readonly URL[]): Pick<URL, "host" | "protocol"> {
  const isLoopback = ({ hostname }: URL) => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  return urls.find(isLoopback) ?? urls[0] ?? { host: "", protocol: "http:" };
}
