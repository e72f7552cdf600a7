/**
 * Reads the .proto files, for `npm run protos` and a test alone: it takes longer than most of what
 * starts bench. What a run needs of them is in protos/definitions.json.
 */
import { loadSync } from "@grpc/proto-loader";
import descriptor, {
  type IDescriptorProto,
  type IEnumDescriptorProto,
  type IFieldDescriptorProto,
  type IFileDescriptorProto,
} from "protobufjs/ext/descriptor/index.js";
import type { ProtoDefinitions, ProtoField, ProtoMethod } from "./proto-definitions.ts";

const FILES = ["kv", "watch", "lease", "cluster", "maintenance", "auth", "lock", "election"];

/** @param folder where the files lie */
export function readProtoFiles(folder: string): ProtoDefinitions {
  const loaded = loadSync(
    FILES.map((name) => `${name}.proto`),
    { includeDirs: [folder] },
  );
  // Each message carries the descriptors of all files.
  const message = Object.values(loaded).find((each) => "fileDescriptorProtos" in each);
  const files = (message?.fileDescriptorProtos ?? []) as Buffer[];
  const found: ProtoDefinitions = { messages: {}, enums: {}, services: {} };
  for (const bytes of files) {
    const { FileDescriptorProto } = descriptor;
    const file: IFileDescriptorProto = FileDescriptorProto.toObject(
      FileDescriptorProto.decode(bytes),
      { enums: String },
    );
    addTypes(found, file.package ?? "", file.messageType ?? [], file.enumType ?? []);
    addServices(found, file);
  }
  resolveTypeNames(found);
  return found;
}

function addTypes(
  { messages, enums, ...others }: ProtoDefinitions,
  scope: string,
  messageTypes: readonly IDescriptorProto[],
  enumTypes: readonly IEnumDescriptorProto[],
): void {
  for (const { name, value } of enumTypes) {
    const values = (value ?? []).map((each) => [each.name, each.number ?? 0]);
    enums[`${scope}.${name}`] = Object.fromEntries(values);
  }
  for (const { name, field, oneofDecl, nestedType, enumType } of messageTypes) {
    const fullName = `${scope}.${name}`;
    messages[fullName] = (field ?? [])
      .map((each) => fieldOf(each, oneofDecl))
      .sort((one, other) => one.number - other.number);
    addTypes({ messages, enums, ...others }, fullName, nestedType ?? [], enumType ?? []);
  }
}

function fieldOf(
  { name, number, type, typeName, label, oneofIndex }: IFieldDescriptorProto,
  oneofs: IDescriptorProto["oneofDecl"],
): ProtoField {
  const oneof = oneofIndex === undefined ? undefined : oneofs?.[oneofIndex]?.name;
  return {
    name: name!,
    number: number!,
    type: String(type)
      .replace(/^TYPE_/, "")
      .toLowerCase(),
    ...(typeName && { typeName }),
    ...(String(label) === "LABEL_REPEATED" && { isRepeated: true as const }),
    ...(oneof !== undefined && { oneof }),
  };
}

function addServices({ services }: ProtoDefinitions, file: IFileDescriptorProto): void {
  for (const { name, method } of file.service ?? []) {
    const methods = (method ?? []).map((each): [string, ProtoMethod] => [
      each.name!,
      {
        requestType: each.inputType!,
        responseType: each.outputType!,
        requestStream: each.clientStreaming ?? false,
        responseStream: each.serverStreaming ?? false,
      },
    ]);
    services[`${file.package}.${name}`] = Object.fromEntries(methods);
  }
}

/** A name with a dot before it is a full one; others leave out the scopes that the type shares with its user. */
function resolveTypeNames({ messages, enums, services }: ProtoDefinitions): void {
  const inScope = (user: string, name: string): string => {
    for (let scope = user; scope !== ""; scope = scope.slice(0, scope.lastIndexOf("."))) {
      const candidate = `${scope}.${name}`;
      if (candidate in messages || candidate in enums) return candidate;
      if (!scope.includes(".")) break;
    }
    const fullName = name.replace(/^\./, "");
    if (fullName in messages || fullName in enums) return fullName;
    throw new Error(`${user} uses ${name}, which the .proto files lack`);
  };
  for (const [user, fields] of Object.entries(messages)) {
    for (const field of fields) {
      if (field.typeName !== undefined) field.typeName = inScope(user, field.typeName);
    }
  }
  for (const [user, methods] of Object.entries(services)) {
    for (const method of Object.values(methods)) {
      method.requestType = inScope(user, method.requestType);
      method.responseType = inScope(user, method.responseType);
    }
  }
}
