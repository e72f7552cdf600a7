/**
 * Makes a cluster secure: the files and flags that its members start with, and what a client needs to
 * connect. All of it lies in the cluster's folder and is removed with it.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../../access/access.ts";
import { makeFolders } from "../../make-folders.ts";
import type { TlsMaterial } from "../../net/tls-connect.ts";
import { ControlCalls } from "../control-calls.ts";

export interface SecurityOptions {
  tls: boolean;
  /** Null: authentication stays off. */
  auth: "simple" | "jwt" | null;
  /** Until a JWT expires, in Go's words; etcd's own default is 5m. */
  jwtTtl?: string;
  /** Of certificates; absent: a day. */
  validForMs?: number;
  /** A further name or address in the members' certificate. */
  host?: string | undefined;
}

/** Of the client that these clusters let in. */
export interface ClientFiles {
  cert: string;
  key: string;
  ca: string;
}

export interface Security {
  access: Access;
  /** Null without TLS. */
  clientFiles: ClientFiles | null;
  memberArgs: string[];
  /** Of a grpc-proxy in front of the members. */
  proxyArgs: string[];
}

export const OPEN_CLUSTER: SecurityOptions = { tls: false, auth: null };

const ROOT = "root";
const HOSTS = ["127.0.0.1", "localhost", "::1"];

/** Writes what the members will read; no other user may. */
export async function secureFolder(folder: string, options: SecurityOptions): Promise<Security> {
  const memberArgs: string[] = [];
  let proxyArgs: string[] = [];
  let tls: TlsMaterial | null = null;
  let clientFiles: ClientFiles | null = null;
  if (options.tls) {
    const made = await makeTls(join(folder, "tls"), options);
    ({ tls, clientFiles, proxyArgs } = made);
    memberArgs.push(...made.memberArgs);
  }
  if (options.auth === "jwt") memberArgs.push(await makeJwt(join(folder, "jwt"), options.jwtTtl));
  const credentials =
    options.auth === null ? null : { user: ROOT, password: randomBytes(16).toString("hex") };
  return { access: { tls, credentials }, clientFiles, memberArgs, proxyArgs };
}

/** Turns authentication on, once the cluster serves; the root user may do all. */
export async function turnAuthenticationOn(
  endpoints: readonly string[],
  { tls, credentials }: Access,
): Promise<void> {
  if (credentials === null) return;
  const calls = new ControlCalls(endpoints, { access: { tls, tokens: null } });
  try {
    const { user, password } = credentials;
    await calls.call("etcdserverpb.Auth", "UserAdd", { name: user, password }, {});
    await calls.call("etcdserverpb.Auth", "UserGrantRole", { user, role: ROOT }, {});
    await calls.call("etcdserverpb.Auth", "AuthEnable", {}, {});
  } finally {
    calls.close();
  }
}

async function makeTls(
  folder: string,
  { validForMs, host }: SecurityOptions,
): Promise<
  Pick<Security, "memberArgs" | "proxyArgs"> & { tls: TlsMaterial; clientFiles: ClientFiles }
> {
  // Only here, since node-forge takes a while to load.
  const { CertificateAuthority } = await import("./certificates.ts");
  const authority = await CertificateAuthority.create("etcd-bench temporary authority", validForMs);
  const [server, client] = await Promise.all([
    authority.issue({
      ...{ commonName: "etcd", validForMs },
      hosts: host === undefined || HOSTS.includes(host) ? HOSTS : [...HOSTS, host],
    }),
    authority.issue({ commonName: null, validForMs }),
  ]);
  const write = writerInto(folder);
  const ca = write("ca.pem", authority.cert);
  const serverCert = write("server.pem", server.cert);
  const serverKey = write("server-key.pem", server.key);
  const serverArgs = [
    `--cert-file=${serverCert}`,
    `--key-file=${serverKey}`,
    `--trusted-ca-file=${ca}`,
  ];
  const clientFiles = {
    ca,
    cert: write("client.pem", client.cert),
    key: write("client-key.pem", client.key),
  };
  return {
    tls: { ca: authority.cert, ...client, serverName: null, skipVerify: false },
    clientFiles,
    memberArgs: [...serverArgs, "--client-cert-auth"],
    proxyArgs: [
      ...serverArgs,
      `--cacert=${ca}`,
      `--cert=${clientFiles.cert}`,
      `--key=${clientFiles.key}`,
    ],
  };
}

async function makeJwt(folder: string, ttl: string | undefined): Promise<string> {
  const { newKeyPair } = await import("./certificates.ts");
  const { publicKey, privateKey } = await newKeyPair();
  const write = writerInto(folder);
  const parts = [
    "jwt",
    `pub-key=${write("public.pem", publicKey)}`,
    `priv-key=${write("private.pem", privateKey)}`,
    "sign-method=RS256",
    ...(ttl === undefined ? [] : [`ttl=${ttl}`]),
  ];
  return `--auth-token=${parts.join(",")}`;
}

function writerInto(folder: string): (name: string, text: string) => string {
  makeFolders(folder, 0o700);
  return (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
}
