/**
 * Makes certificates for clusters that bench starts: an authority, and what it signs. Node makes the keys
 * and signs; node-forge writes the X.509 around them.
 */
import { createPrivateKey, generateKeyPair, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import forge from "node-forge";

/** PEM text. */
export interface Issued {
  cert: string;
  key: string;
}

export interface CertificateRequest {
  /**
   * etcd takes it for the user's name where authentication is on, and its grpc-gateway then refuses
   * the client. Null: the subject is an organization without a name.
   */
  commonName: string | null;
  /** Names and addresses of a server; none for a client. */
  hosts?: readonly string[];
  /** From now; before now, an expired certificate. */
  validForMs?: number | undefined;
}

const DAY_MS = 86_400_000;
/** Clocks of members and clients may differ. */
const SINCE_MS = DAY_MS;
const RSA_BITS = 2048;
const ORGANIZATION = [{ name: "organizationName", value: "etcd-bench" }];
const SERIAL_BYTES = 16;
// Kinds of subjectAltName (RFC 5280 section 4.2.1.6).
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const generate = promisify(generateKeyPair);

export class CertificateAuthority {
  /** PEM text. */
  readonly cert: string;
  readonly #key: KeyObject;
  readonly #subject: forge.pki.CertificateField[];

  private constructor(cert: string, key: KeyObject, subject: forge.pki.CertificateField[]) {
    this.cert = cert;
    this.#key = key;
    this.#subject = subject;
  }

  static async create(commonName: string, validForMs = DAY_MS): Promise<CertificateAuthority> {
    const pair = await newKeyPair();
    const key = createPrivateKey(pair.privateKey);
    const certificate = blank(pair.publicKey, named(commonName), validForMs);
    certificate.setIssuer(certificate.subject.attributes);
    certificate.setExtensions([
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      { name: "subjectKeyIdentifier" },
    ]);
    signWith(key, certificate);
    const cert = forge.pki.certificateToPem(certificate);
    return new CertificateAuthority(cert, key, certificate.subject.attributes);
  }

  /** For a server that may be a client too, as etcd is to itself; without hosts for a client. */
  async issue(request: CertificateRequest): Promise<Issued> {
    const { commonName, hosts = [], validForMs = DAY_MS } = request;
    const pair = await newKeyPair();
    const certificate = blank(
      pair.publicKey,
      commonName === null ? ORGANIZATION : named(commonName),
      validForMs,
    );
    certificate.setIssuer(this.#subject);
    certificate.setExtensions([
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
      { name: "extKeyUsage", serverAuth: hosts.length > 0, clientAuth: true },
      { name: "subjectKeyIdentifier" },
      ...(hosts.length > 0 ? [{ name: "subjectAltName", altNames: hosts.map(altName) }] : []),
    ]);
    signWith(this.#key, certificate);
    return { cert: forge.pki.certificateToPem(certificate), key: pair.privateKey };
  }
}

/** For signing JSON Web Tokens; PEM text. */
export async function newKeyPair(): Promise<{ publicKey: string; privateKey: string }> {
  return await generate("rsa", {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
}

/** node-forge lays out what is signed; its own RSA takes a quarter of a second for a signature. */
function signWith(key: KeyObject, certificate: forge.pki.Certificate): void {
  const pem = key.export({ type: "pkcs1", format: "pem" }).toString();
  const nativeKey = {
    ...forge.pki.privateKeyFromPem(pem),
    sign: () => {
      const signed = forge.asn1.toDer(certificate.tbsCertificate).getBytes();
      return sign("sha256", Buffer.from(signed, "binary"), key).toString("binary");
    },
  };
  certificate.sign(nativeKey, forge.md.sha256.create());
}

function named(commonName: string): forge.pki.CertificateField[] {
  return [{ name: "commonName", value: commonName }];
}

function blank(
  publicKey: string,
  subject: forge.pki.CertificateField[],
  validForMs: number,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive, as RFC 5280 section 4.1.2.2 asks: the first bit is not set.
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(SERIAL_BYTES))}`;
  const now = Date.now();
  certificate.validity.notBefore = new Date(now - SINCE_MS);
  certificate.validity.notAfter = new Date(now + validForMs);
  certificate.setSubject(subject);
  return certificate;
}

function altName(host: string): object {
  return isIP(host) === 0 ? { type: DNS_NAME, value: host } : { type: IP_ADDRESS, ip: host };
}
