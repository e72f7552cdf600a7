/**
 * Validates an object like an API server with strict validation. It uses the validators that the
 * package kubernetes-models has from the OpenAPI schema, rejects fields that the schema does not know,
 * and checks names, which no schema does.
 */
import { StatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import { Job } from "kubernetes-models/batch/v1/Job";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { Pod } from "kubernetes-models/v1/Pod";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";

const MODELS = { Job, NetworkPolicy, Pod, Secret, Service, StatefulSet };

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const MAX_LABEL = 63;
/** Length of a StatefulSet's revision suffix, which must fit in a label: a dash and ten letters. */
const REVISION_CHARACTERS = 11;

export interface StoredObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
}

/** Returns null for a valid object, otherwise the fault. */
export function faultOf(object: StoredObject): string | null {
  const model = MODELS[object.kind as keyof typeof MODELS];
  if (model === undefined || object.apiVersion !== model.apiVersion) {
    return `no kind ${object.kind} in ${object.apiVersion}`;
  }
  const read = new Set<string>();
  try {
    model.prototype.validate.call(recording(object, "", read) as never);
  } catch (error) {
    return (error as Error).message;
  }
  const unknown = fieldsOf(object, "").find((path) => !read.has(path));
  if (unknown !== undefined) return `unknown field "${unknown.slice(1)}"`;
  return faultOfNames(object);
}

/** Wraps an object to record the fields that a validator reads: it reads each field of its schema. */
function recording(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const found = Reflect.get(target, key) as unknown;
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return found;
      const below = `${path}.${key}`;
      read.add(below);
      return recording(found, below, read);
    },
  });
}

function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const below = `${path}.${key}`;
    return [below, ...fieldsOf(each, below)];
  });
}

function faultOfNames({ kind, metadata, spec }: StoredObject): string | null {
  const { name, labels = {} } = metadata;
  const longest = MAX_LABEL - suffixOf(kind, spec);
  const pattern = kind === "Service" ? SERVICE_LABEL : LABEL;
  if (!pattern.test(name) || name.length > longest) {
    return `metadata.name: "${name}" is no name of at most ${longest} characters`;
  }
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_VALUE.test(value) || value.length > MAX_LABEL) {
      return `metadata.labels.${key}: "${value}" is no value of a label`;
    }
  }
  return null;
}

/** Length of the suffix that the names of the object's children get. */
function suffixOf(kind: string, spec: Record<string, unknown> = {}): number {
  if (kind === "StatefulSet") return REVISION_CHARACTERS;
  if (kind !== "Job") return 0;
  return `-${(spec.completions as number) - 1}`.length;
}
