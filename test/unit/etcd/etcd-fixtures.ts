/** Makes fake etcds for unit tests: shell scripts that print a version, and archives of them. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { archivePlatform } from "../../../src/etcd/etcd-binary/archive.ts";

/** Runs `body` with a new temporary folder. */
export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bench-etcd-binary-"));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes an executable shell script. */
export function writeScript(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

export function writeFakeEtcd(path: string, version: string): string {
  return writeScript(path, `echo "etcd Version: ${version}"`);
}

/** A release archive in etcd's layout, with fake binaries. */
export function fakeArchive(folder: string, version: string): { bytes: Buffer; sha256: string } {
  const name = `etcd-v${version}-${archivePlatform()}`;
  writeFakeEtcd(join(folder, name, "etcd"), version);
  writeScript(join(folder, name, "etcdctl"), "true");
  writeFileSync(join(folder, name, "README.md"), "documentation");
  const path = join(folder, `${name}.tar.gz`);
  execFileSync("tar", ["-czf", path, "-C", folder, name]);
  const bytes = readFileSync(path);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Runs `body` with the base URL of a loopback HTTP server. */
export async function withServer<T>(
  listener: RequestListener,
  body: (baseUrl: string) => Promise<T>,
): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
