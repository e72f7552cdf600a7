/**
 * Encodes and decodes the messages of the .proto files, and gives the services as grpc-js wants
 * them. Loads no grpc-js. load/ encodes a request once and then patches its bytes.
 *
 * Field names are in camel case (`rangeEnd`, `prevKv`); names that are not snake_case in etcd's
 * files stay (`ID`, `TTL`, `clientURLs`). Decoded messages hold every field: 64-bit integers as
 * decimal strings, since ids do not fit a number; bytes as Buffer; enums as names; an absent
 * message as null. Of a oneof only the member that was sent is there, and its name under the name of
 * the oneof. To encode, 64-bit integers may be strings or safe numbers.
 */
import protobuf from "protobufjs/minimal.js";
import { PROTO_DEFINITIONS, type ProtoField } from "./proto-definitions.ts";

export type ServiceName =
  | "etcdserverpb.KV"
  | "etcdserverpb.Watch"
  | "etcdserverpb.Lease"
  | "etcdserverpb.Cluster"
  | "etcdserverpb.Maintenance"
  | "etcdserverpb.Auth"
  | "v3lockpb.Lock"
  | "v3electionpb.Election";

/** A method as grpc-js calls and serves it. */
export interface ServiceMethod {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  requestSerialize(request: object): Buffer;
  requestDeserialize(bytes: Buffer): object;
  responseSerialize(response: object): Buffer;
  responseDeserialize(bytes: Buffer): object;
}

/** The methods of a service by name, with path, serialisers and streaming flags. */
export function serviceDefinition(name: ServiceName): Record<string, ServiceMethod> {
  const methods = PROTO_DEFINITIONS.services[name];
  if (methods === undefined) throw new Error(`the .proto files lack the service ${name}`);
  return Object.fromEntries(
    Object.entries(methods).map(([method, definition]): [string, ServiceMethod] => {
      const { requestType, responseType, requestStream, responseStream } = definition;
      return [
        method,
        {
          path: `/${name}/${method}`,
          requestStream,
          responseStream,
          requestSerialize: (request) => encodeMessage(requestType, request),
          requestDeserialize: (bytes) => decodeMessage(requestType, bytes),
          responseSerialize: (response) => encodeMessage(responseType, response),
          responseDeserialize: (bytes) => decodeMessage(responseType, bytes),
        },
      ];
    }),
  );
}

/**
 * One message without the gRPC prefix. Every field that is given is written, a default too: leave
 * defaults out, as etcd's own client does.
 * @throws Error for a field that the message lacks, and for bytes that are not a Uint8Array: both
 *   would otherwise be dropped or misread in silence.
 */
export function encodeMessage(typeName: string, value: object): Buffer {
  const writer = protobuf.Writer.create();
  writeFields(writer, typeName, value);
  return writer.finish() as Buffer;
}

/** The inverse of `encodeMessage`. @throws Error where the bytes are no such message. */
export function decodeMessage<T = Record<string, unknown>>(typeName: string, bytes: Uint8Array): T {
  const reader = protobuf.Reader.create(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
  return readFields(reader, typeName, reader.len) as T;
}

function fieldsOf(typeName: string): readonly ProtoField[] {
  const fields = PROTO_DEFINITIONS.messages[typeName];
  if (fields === undefined) throw new Error(`the .proto files lack the message ${typeName}`);
  return fields;
}

function writeFields(writer: protobuf.Writer, typeName: string, value: object): void {
  const fields = fieldsOf(typeName);
  const given = new Map<string, unknown>(Object.entries(value));
  for (const name of given.keys()) {
    if (!fields.some((field) => field.name === name)) {
      throw new Error(`${typeName} has no field ${name}`);
    }
  }
  for (const field of fields) {
    const item = given.get(field.name);
    if (item === undefined || item === null) continue;
    if (!field.isRepeated) {
      writer.uint32(tagOf(field));
      writeValue(writer, typeName, field, item);
      continue;
    }
    const items = Array.from(item as Iterable<unknown>);
    if (items.length === 0) continue;
    if (wireTypeOf(field) === VARINT) {
      // Packed, as proto3 writes numbers.
      writer.uint32((field.number << 3) | DELIMITED).fork();
      for (const each of items) writeValue(writer, typeName, field, each);
      writer.ldelim();
    } else {
      for (const each of items) {
        writer.uint32(tagOf(field));
        writeValue(writer, typeName, field, each);
      }
    }
  }
}

function writeValue(
  writer: protobuf.Writer,
  typeName: string,
  field: ProtoField,
  value: unknown,
): void {
  switch (field.type) {
    case "message":
      writer.fork();
      writeFields(writer, field.typeName!, value as object);
      writer.ldelim();
      return;
    case "bytes":
      if (!(value instanceof Uint8Array)) {
        throw new Error(`${typeName}.${field.name} takes bytes, not ${typeof value}`);
      }
      writer.bytes(value);
      return;
    case "enum":
      writer.int32(enumNumber(field, value));
      return;
    case "string":
      writer.string(String(value));
      return;
    case "bool":
      writer.bool(Boolean(value));
      return;
    case "int32":
      writer.int32(Number(value));
      return;
    case "uint32":
      writer.uint32(Number(value));
      return;
    case "int64":
      writer.int64(value as number | string);
      return;
    case "uint64":
      writer.uint64(value as number | string);
      return;
    default:
      throw unknownType(typeName, field);
  }
}

function readFields(
  reader: protobuf.Reader,
  typeName: string,
  end: number,
): Record<string, unknown> {
  const fields = fieldsOf(typeName);
  const message: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.isRepeated) message[field.name] = [];
    else if (field.oneof === undefined) message[field.name] = defaultOf(field);
  }
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = fields.find(({ number }) => number === tag >>> 3);
    if (field === undefined) {
      reader.skipType(tag & 7);
    } else if (field.isRepeated) {
      const items = message[field.name] as unknown[];
      if ((tag & 7) === DELIMITED && wireTypeOf(field) === VARINT) {
        const packedEnd = endOf(reader, end);
        while (reader.pos < packedEnd) items.push(readValue(reader, typeName, field, end));
      } else {
        items.push(readValue(reader, typeName, field, end));
      }
    } else {
      message[field.name] = readValue(reader, typeName, field, end);
      if (field.oneof !== undefined) message[field.oneof] = field.name;
    }
  }
  if (reader.pos !== end) throw new RangeError(`a ${typeName} ends within a field`);
  return message;
}

function readValue(
  reader: protobuf.Reader,
  typeName: string,
  field: ProtoField,
  end: number,
): unknown {
  switch (field.type) {
    case "message":
      return readFields(reader, field.typeName!, endOf(reader, end));
    case "bytes":
      return reader.bytes();
    case "enum":
      return enumName(field, reader.int32());
    case "string":
      return reader.string();
    case "bool":
      return reader.bool();
    case "int32":
      return reader.int32();
    case "uint32":
      return reader.uint32();
    case "int64":
      return reader.int64().toString();
    case "uint64":
      return reader.uint64().toString();
    default:
      throw unknownType(typeName, field);
  }
}

/** Of what begins with its length; it may not go beyond what it is in. */
function endOf(reader: protobuf.Reader, outerEnd: number): number {
  const bytes = reader.uint32();
  const end = reader.pos + bytes;
  if (end > outerEnd) throw new RangeError("a field is longer than the message it is in");
  return end;
}

const VARINT = 0;
const DELIMITED = 2;

function wireTypeOf({ type }: ProtoField): number {
  return type === "message" || type === "bytes" || type === "string" ? DELIMITED : VARINT;
}

function tagOf(field: ProtoField): number {
  return (field.number << 3) | wireTypeOf(field);
}

function defaultOf(field: ProtoField): unknown {
  switch (field.type) {
    case "message":
      return null;
    case "bytes":
      return Buffer.alloc(0);
    case "enum":
      return enumName(field, 0);
    case "string":
      return "";
    case "bool":
      return false;
    case "int64":
    case "uint64":
      return "0";
    default:
      return 0;
  }
}

/** The number itself where the .proto file has no name for it. */
function enumName({ typeName }: ProtoField, number: number): string | number {
  const values = Object.entries(PROTO_DEFINITIONS.enums[typeName!]!);
  return values.find(([, each]) => each === number)?.[0] ?? number;
}

function enumNumber({ typeName }: ProtoField, value: unknown): number {
  const number =
    typeof value === "number" ? value : PROTO_DEFINITIONS.enums[typeName!]![String(value)];
  if (number === undefined) throw new Error(`${typeName} has no value ${String(value)}`);
  return number;
}

function unknownType(typeName: string, { name, type }: ProtoField): Error {
  return new Error(`${typeName}.${name} is of type ${type}, which is not read`);
}
