/**
 * Reads the files of `--cert --key --cacert` before anything starts. Each fault is one line that names
 * the flag and the file, and quotes nothing of the file.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { BenchError, usageError } from "../errors.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { TlsPlan } from "../plan/schema.ts";
import { readNamedPipes, readOnce } from "./named-pipe.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * @param flags what the names of the flags begin with
 * @param read texts that were read already, by their files
 * @throws BenchError (usage) for a file that cannot be used, and a pair that does not match
 */
export function readTlsFiles(
  plan: TlsPlan,
  flags = "--",
  read: ReadonlyMap<string, string> = new Map(),
): TlsMaterial {
  const { caFile, certFile, keyFile, serverName, skipVerify } = plan;
  const textOf = (flag: string, file: string) => read.get(file) ?? readText(flag, file);
  const ca = caFile === null ? null : textOf(`${flags}cacert`, caFile);
  if (ca !== null) certificatesIn(`${flags}cacert`, caFile!, ca);
  const cert = certFile === null ? null : textOf(`${flags}cert`, certFile);
  const key = keyFile === null ? null : textOf(`${flags}key`, keyFile);
  if (cert !== null && key !== null) {
    const [own] = certificatesIn(`${flags}cert`, certFile!, cert);
    refuseOutdated(`${flags}cert`, certFile!, own!);
    if (!own!.checkPrivateKey(privateKeyIn(`${flags}key`, keyFile!, key))) {
      throw usageError(
        `${flags}key: ${keyFile} is not the key of the certificate in ${flags}cert ${certFile}; name the two that belong together`,
      );
    }
  }
  return { ca, cert, key, serverName, skipVerify };
}

/**
 * As readTlsFiles. A named pipe without a writer, which `say` tells the user of, is waited for in such
 * a way that a signal ends the wait.
 */
export async function readTlsFilesAndPipes(
  plan: TlsPlan,
  say: (line: string) => void,
): Promise<TlsMaterial> {
  const files = [plan.caFile, plan.certFile, plan.keyFile];
  return readTlsFiles(plan, "--", await readNamedPipes(files, say));
}

function readText(flagName: string, path: string): string {
  try {
    if (path.includes("-----BEGIN ")) {
      throw usageError(
        `${flagName}: this is the text of a PEM file; write it to a file, and name that`,
      );
    }
    if (isDevice(path)) throw usageError(`${flagName}: ${path}: it is a device; name a PEM file`);
    return readOnce(path, () => readFileSync(path, "utf8"));
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
          ? "it may not be read (EACCES)"
          : code === "EISDIR"
            ? "it is a folder"
            : code === "ENXIO"
              ? "it is a socket"
              : `it cannot be read (${code})`;
    throw usageError(`${flagName}: ${path}: ${why}; name a PEM file`);
  }
}

/** Some, such as /dev/zero, have no end. */
function isDevice(path: string): boolean {
  return statSync(path).isCharacterDevice();
}

function certificatesIn(flagName: string, path: string, text: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  const bad = (why: string) => usageError(`${flagName}: ${path} ${why}; name a PEM file with one`);
  if (blocks.length === 0) throw bad("holds no certificate in PEM");
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    // OpenSSL's words say nothing that the user can act on.
    throw bad("holds a certificate that cannot be read");
  }
}

function privateKeyIn(flagName: string, path: string, text: string): KeyObject {
  const bad = (why: string, fix = "name a PEM file with one") =>
    usageError(`${flagName}: ${path} ${why}; ${fix}`);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw bad("holds no private key in PEM");
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw bad("is encrypted, and etcd's tools take no passphrase either", "decrypt it first");
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw bad("holds a private key that cannot be read");
  }
}

/** The server would only hang up on it. */
function refuseOutdated(flagName: string, path: string, certificate: X509Certificate): void {
  const now = Date.now();
  if (Date.parse(certificate.validTo) < now) {
    throw usageError(
      `${flagName}: the certificate in ${path} expired on ${certificate.validTo}; renew it`,
    );
  }
  if (Date.parse(certificate.validFrom) > now) {
    throw usageError(
      `${flagName}: the certificate in ${path} is not valid before ${certificate.validFrom}; check the clock, or name another`,
    );
  }
}
