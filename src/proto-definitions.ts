/**
 * The services and messages of the .proto files as plain data, which `npm run protos` writes. The
 * bundle holds the data instead of this code.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.ts";

export interface ProtoField {
  /** In camel case. */
  name: string;
  number: number;
  /** As .proto files name it: `bytes`, `int64`; else `message` or `enum`, with `typeName`. */
  type: string;
  typeName?: string;
  isRepeated?: true;
  /** The name of the oneof that the field is a member of. */
  oneof?: string;
}

export interface ProtoMethod {
  requestType: string;
  responseType: string;
  requestStream: boolean;
  responseStream: boolean;
}

/** All by full name, as `etcdserverpb.PutRequest`. */
export interface ProtoDefinitions {
  /** Fields ascend by number. */
  messages: Record<string, ProtoField[]>;
  enums: Record<string, Record<string, number>>;
  /** Methods by their name. */
  services: Record<string, Record<string, ProtoMethod>>;
}

export const PROTO_DEFINITIONS: ProtoDefinitions = JSON.parse(
  readFileSync(join(packageRoot(), "protos/definitions.json"), "utf8"),
) as ProtoDefinitions;
