/**
 * Owns the loaded .proto files: the service definitions that grpc-js wants, and plain encode and
 * decode for load/, which serialises a request once and then patches bytes. Loads no grpc-js.
 *
 * Field names are in camel case (`rangeEnd`, `prevKv`); names that are not snake_case in etcd's
 * files stay (`ID`, `TTL`, `clientURLs`). Decoded messages hold every field: 64-bit integers as
 * decimal strings, since ids do not fit a number; bytes as Buffer; enums as names; an absent
 * message as null. To encode, 64-bit integers may be strings or safe numbers.
 */
import { join } from "node:path";
import {
  loadSync,
  type MessageTypeDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from "@grpc/proto-loader";
import { packageRoot } from "./package-root.ts";

export type ServiceName =
  | "etcdserverpb.KV"
  | "etcdserverpb.Watch"
  | "etcdserverpb.Lease"
  | "etcdserverpb.Cluster"
  | "etcdserverpb.Maintenance"
  | "etcdserverpb.Auth"
  | "v3lockpb.Lock"
  | "v3electionpb.Election";

/** What the walk over a request needs of a DescriptorProto. */
interface FieldDescriptor {
  name: string;
  label: string;
  type: string;
  typeName: string;
}

let loaded: PackageDefinition | undefined;

/** All services and messages by full name; the files are read at the first call (about 60 ms). */
export function packageDefinition(): PackageDefinition {
  loaded ??= loadSync(
    ["kv", "watch", "lease", "cluster", "maintenance", "auth", "lock", "election"].map(
      (service) => `${service}.proto`,
    ),
    {
      includeDirs: [join(packageRoot(), "protos")],
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    },
  );
  return loaded;
}

/** The methods of a service by name, with path, serialisers and streaming flags. */
export function serviceDefinition(name: ServiceName): ServiceDefinition {
  const definition = packageDefinition()[name];
  if (definition === undefined) throw new Error(`the .proto files lack the service ${name}`);
  return definition as ServiceDefinition;
}

/**
 * One message without the gRPC prefix. Every field that is given is written, a default too: leave
 * defaults out, as etcd's own client does.
 * @throws Error for a field that the message lacks, and for bytes that are not a Uint8Array: both
 *   would otherwise be dropped or misread in silence.
 */
export function encodeMessage(typeName: string, value: object): Buffer {
  const definition = messageType(typeName);
  checkFields(typeName, definition, value);
  return definition.serialize(value);
}

/** The inverse of `encodeMessage`. @throws Error where the bytes are no such message. */
export function decodeMessage<T = Record<string, unknown>>(typeName: string, bytes: Uint8Array): T {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return messageType(typeName).deserialize(buffer) as T;
}

function messageType(typeName: string): MessageTypeDefinition<object, object> {
  const definition = packageDefinition()[typeName];
  if (definition === undefined || !("serialize" in definition)) {
    throw new Error(`the .proto files lack the message ${typeName}`);
  }
  return definition as MessageTypeDefinition<object, object>;
}

function checkFields(
  typeName: string,
  definition: MessageTypeDefinition<object, object>,
  value: object,
): void {
  const fields = (definition.type as { field: FieldDescriptor[] }).field;
  for (const [name, given] of Object.entries(value)) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`${typeName} has no field ${name}`);
    if (given === undefined || given === null) continue;
    const items: unknown[] = field.label === "LABEL_REPEATED" ? Array.from(given) : [given];
    for (const item of items) {
      if (field.type === "TYPE_BYTES" && !(item instanceof Uint8Array)) {
        throw new Error(`${typeName}.${name} takes bytes, not ${typeof item}`);
      }
      if (field.type === "TYPE_MESSAGE") {
        const inner = fullName(typeName, field.typeName);
        checkFields(inner, messageType(inner), item as object);
      }
    }
  }
}

/** protobufjs names the type of a field as the file does: without its own package. */
function fullName(within: string, typeName: string): string {
  return typeName.includes(".") ? typeName : `${within.slice(0, within.indexOf("."))}.${typeName}`;
}
