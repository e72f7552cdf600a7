/**
 * etcd's requests and answers in JSON, as its grpc-gateway has them: the paths, and the fields of
 * the messages (the JSON mapping of proto3: bytes in base64, 64-bit integers as strings, zero left
 * out, names as in the .proto files).
 */
import { PROTO_DEFINITIONS, type ProtoField } from "../proto-definitions.ts";

/** How a field's value is written. */
export const Kind = { BYTES: 0, INTEGER: 1, BOOL: 2, MESSAGE: 3 } as const;

/** Wire types of protobuf. */
export const VARINT = 0;
export const DELIMITED = 2;

export interface JsonField {
  readonly name: string;
  readonly kind: number;
  /** Field number and wire type, as one octet. */
  readonly tag: number;
  /** JSON has it as a string: its numbers hold no 64 bits. */
  readonly isQuoted: boolean;
  /** Of a message. */
  readonly fields: JsonFields | null;
}

/** The fields of one message. */
export class JsonFields {
  readonly all: readonly JsonField[];
  /** Each field's names: as the .proto file has it, and in camel case. */
  readonly #names: readonly (readonly [Buffer, Buffer])[];

  constructor(typeName: string) {
    const fields = PROTO_DEFINITIONS.messages[typeName] ?? [];
    this.all = fields.map((field) => jsonField(typeName, field));
    this.#names = this.all.map(({ name }, at) => [
      Buffer.from(name),
      Buffer.from(fields[at]!.name),
    ]);
  }

  /** The field whose name the first `length` octets of `name` are; null without one. */
  named(name: Buffer, length: number): JsonField | null {
    for (let at = 0; at < this.all.length; at++) {
      const [snake, camel] = this.#names[at]!;
      if (isName(name, length, snake) || isName(name, length, camel)) return this.all[at]!;
    }
    return null;
  }
}

function isName(name: Buffer, length: number, expected: Buffer): boolean {
  if (length !== expected.length) return false;
  for (let at = 0; at < length; at++) if (name[at] !== expected[at]) return false;
  return true;
}

export interface GatewayMethod {
  /** Where requests are posted. */
  readonly path: string;
  readonly request: JsonFields;
  readonly answer: JsonFields;
}

/** By the path of gRPC; the prefix is that of etcd 3.4 and newer. */
const METHODS: ReadonlyMap<string, GatewayMethod> = new Map([
  ["/etcdserverpb.KV/Put", method("/v3/kv/put", "Put")],
  ["/etcdserverpb.KV/Range", method("/v3/kv/range", "Range")],
]);

/** @throws Error for a method that is none of those above */
export function gatewayMethod(grpcPath: string): GatewayMethod {
  const found = METHODS.get(grpcPath);
  if (found === undefined) throw new Error(`${grpcPath} is not sent through the grpc-gateway`);
  return found;
}

/** What an answer that is no success says. */
export interface GatewayError {
  /** A gRPC code. */
  code: number;
  message: string;
}

const MOST_CODE = 16;

/** Null where the text is no error of a grpc-gateway. Up to etcd 3.4 the words are in `error` too. */
export function gatewayError(text: string): GatewayError | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // A proxy's page, for one.
    return null;
  }
  if (typeof found !== "object" || found === null) return null;
  const { code, message, error } = found as Record<string, unknown>;
  if (typeof code !== "number" || !Number.isInteger(code)) return null;
  if (code < 1 || code > MOST_CODE) return null;
  const words = typeof message === "string" ? message : error;
  return { code, message: typeof words === "string" ? words : "" };
}

function method(path: string, name: string): GatewayMethod {
  const { requestType, responseType } = PROTO_DEFINITIONS.services["etcdserverpb.KV"]![name]!;
  return { path, request: new JsonFields(requestType), answer: new JsonFields(responseType) };
}

function jsonField(message: string, { name, number, type, typeName }: ProtoField): JsonField {
  const kind = kindOf(type);
  if (kind === null) throw new Error(`${message}.${name} is of type ${type}, which is not read`);
  const isMessage = kind === Kind.MESSAGE;
  return {
    name: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    kind,
    tag: (number << 3) | (isMessage || kind === Kind.BYTES ? DELIMITED : VARINT),
    isQuoted: type === "int64" || type === "uint64",
    fields: isMessage ? new JsonFields(typeName!) : null,
  };
}

function kindOf(type: string): number | null {
  switch (type) {
    case "bytes":
      return Kind.BYTES;
    case "bool":
      return Kind.BOOL;
    case "message":
      return Kind.MESSAGE;
    // JSON may have an enum's number in place of its name.
    case "enum":
    case "int32":
    case "uint32":
    case "int64":
    case "uint64":
      return Kind.INTEGER;
    default:
      return null;
  }
}
