/**
 * Fake API server of Kubernetes with what kubectl needs to create, get and delete the objects of a
 * placement and to read logs. It validates objects strictly and runs pods as local processes.
 */

import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type ClusterOptions, Pods } from "./controllers.ts";
import { faultOf, type StoredObject } from "./schema.ts";

interface Resource {
  /** Group in paths: `api/v1`. */
  group: string;
  kind: string;
  plural: string;
}

const RESOURCES: readonly Resource[] = [
  { group: "api/v1", kind: "Pod", plural: "pods" },
  { group: "api/v1", kind: "Secret", plural: "secrets" },
  { group: "api/v1", kind: "Service", plural: "services" },
  { group: "apis/apps/v1", kind: "StatefulSet", plural: "statefulsets" },
  { group: "apis/batch/v1", kind: "Job", plural: "jobs" },
  { group: "apis/networking.k8s.io/v1", kind: "NetworkPolicy", plural: "networkpolicies" },
];
const VERBS = ["create", "delete", "get", "list", "watch"];
export const NAMESPACES: readonly string[] = ["default", "load"];

interface Answer {
  code: number;
  body: unknown;
}

export interface SeenRequest {
  method: string;
  path: string;
}

export class FakeKubernetes {
  readonly pods: Pods;
  /** By path on the server: `api/v1/namespaces/load/secrets/x`. */
  readonly objects = new Map<string, StoredObject>();
  readonly requests: SeenRequest[] = [];
  /** Plural names of resources that the user must not create. */
  readonly forbidden = new Set<string>();
  readonly #server: Server;
  readonly #folder: string;
  #version = 1;

  private constructor(options: Omit<ClusterOptions, "secretData">) {
    this.#folder = options.folder;
    this.pods = new Pods({ ...options, secretData: (name) => this.#secretData(name) });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: Omit<ClusterOptions, "secretData">): Promise<FakeKubernetes> {
    const fake = new FakeKubernetes(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  /** Writes a file for `KUBECONFIG`, with the namespace `load` in its context. */
  writeConfig(): string {
    const { port } = this.#server.address() as AddressInfo;
    const path = join(this.#folder, "kubeconfig.json");
    const config = {
      ...{ apiVersion: "v1", kind: "Config", "current-context": "fake" },
      clusters: [{ name: "fake", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "fake", user: {} }],
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake", namespace: "load" } }],
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  async stop(): Promise<void> {
    await this.pods.end();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #secretData(name: string): Readonly<Record<string, string>> {
    const found = [...this.objects].find(([path]) => path.endsWith(`/secrets/${name}`));
    if (found === undefined) throw new Error(`no Secret ${name}`);
    return (found[1] as unknown as { data: Record<string, string> }).data;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url!, "http://fake");
    const path = url.pathname.replace(/^\/+|\/+$/g, "");
    this.requests.push({ method: request.method!, path });
    const text = Buffer.concat(chunks).toString();
    const { code, body } = await this.#answer(request.method!, path, url.searchParams, text);
    const isText = typeof body === "string";
    response.writeHead(code, { "Content-Type": isText ? "text/plain" : "application/json" });
    response.end(isText ? body : JSON.stringify(body));
  }

  async #answer(
    method: string,
    path: string,
    query: URLSearchParams,
    text: string,
  ): Promise<Answer> {
    const discovered = discovery(path);
    if (discovered !== null) return { code: 200, body: discovered };
    const match = /^(apis?\/.+?)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(\/log)?$/.exec(path);
    const [, group, namespace, plural, name, isLog] = match ?? [];
    const resource = RESOURCES.find((each) => each.group === group && each.plural === plural);
    if (resource === undefined) return failure(404, "NotFound", "the server has no such path");
    if (!NAMESPACES.includes(namespace!)) {
      return failure(404, "NotFound", `namespaces "${namespace}" not found`);
    }
    if (isLog) return this.#log(name!);
    if (method === "POST") return this.#create(resource, path, namespace!, text);
    if (method === "DELETE") return await this.#delete(resource, path, name!);
    return name === undefined
      ? this.#list(resource, path, namespace!, query)
      : this.#get(resource, path, name);
  }

  #create({ kind, plural }: Resource, path: string, namespace: string, text: string): Answer {
    const object = JSON.parse(text) as StoredObject;
    const { name } = object.metadata;
    if (this.forbidden.has(plural)) {
      const words = `${plural} is forbidden: User "fake" cannot create resource "${plural}"`;
      return failure(403, "Forbidden", words);
    }
    const fault = object.kind === kind ? faultOf(object) : `it is no ${kind}`;
    if (fault !== null) return failure(422, "Invalid", `${kind} "${name}" is invalid: ${fault}`);
    const place = `${path}/${name}`;
    if (this.objects.has(place)) {
      return failure(409, "AlreadyExists", `${plural} "${name}" already exists`);
    }
    this.#version += 1;
    const stored = {
      ...object,
      metadata: {
        ...{ ...object.metadata, namespace, uid: `uid-${this.#version}` },
        ...{ resourceVersion: `${this.#version}`, creationTimestamp: new Date().toISOString() },
      },
    };
    this.objects.set(place, stored);
    this.pods.created(stored);
    return { code: 201, body: stored };
  }

  async #delete({ plural }: Resource, path: string, name: string): Promise<Answer> {
    const object = this.objects.get(path);
    if (object === undefined) return failure(404, "NotFound", `${plural} "${name}" not found`);
    this.objects.delete(path);
    await this.pods.deleted(object);
    return { code: 200, body: { apiVersion: "v1", kind: "Status", status: "Success" } };
  }

  #get({ kind, plural }: Resource, path: string, name: string): Answer {
    const object = kind === "Pod" ? this.pods.all.get(name)?.object : this.objects.get(path);
    return object === undefined
      ? failure(404, "NotFound", `${plural} "${name}" not found`)
      : { code: 200, body: object };
  }

  #list(
    { group, kind }: Resource,
    path: string,
    namespace: string,
    query: URLSearchParams,
  ): Answer {
    const all =
      kind === "Pod"
        ? [...this.pods.all.values()].map(({ object }) => object as unknown as StoredObject)
        : [...this.objects].filter(([each]) => each.startsWith(`${path}/`)).map(([, each]) => each);
    const wanted = [
      (each: StoredObject) => each.metadata.namespace === namespace,
      ...pairs(query.get("labelSelector")).map(
        ([key, value]) =>
          (each: StoredObject) =>
            each.metadata.labels?.[key!] === value,
      ),
      ...pairs(query.get("fieldSelector")).map(
        ([, value]) =>
          (each: StoredObject) =>
            each.metadata.name === value,
      ),
    ];
    const items = all.filter((each) => wanted.every((fits) => fits(each)));
    const metadata = { resourceVersion: `${this.#version}` };
    const apiVersion = group.replace(/^apis?\//, "");
    return { code: 200, body: { apiVersion, kind: `${kind}List`, metadata, items } };
  }

  #log(name: string): Answer {
    const containers = this.pods.all.get(name)?.processes?.containers ?? [];
    return { code: 200, body: containers.map(({ log }) => log).join("") };
  }
}

function pairs(selector: string | null): string[][] {
  return (selector ?? "").split(",").flatMap((each) => (each === "" ? [] : [each.split("=")]));
}

function failure(code: number, reason: string, message: string): Answer {
  return {
    code,
    body: { ...{ apiVersion: "v1", kind: "Status", status: "Failure" }, reason, message, code },
  };
}

/** Lists the resources, and that the server validates fields, so that kubectl does not. */
function discovery(path: string): unknown {
  const groups = [...new Set(RESOURCES.map(({ group }) => group))];
  const named = groups.filter((group) => group.startsWith("apis/"));
  if (path === "version") return { major: "1", minor: "32", gitVersion: "v1.32.0" };
  if (path === "api") return { kind: "APIVersions", versions: ["v1"] };
  if (path === "apis") {
    return {
      ...{ kind: "APIGroupList", apiVersion: "v1" },
      groups: named.map((group) => {
        const [, name, version] = group.split("/");
        const both = { groupVersion: `${name}/${version}`, version };
        return { name, versions: [both], preferredVersion: both };
      }),
    };
  }
  if (groups.includes(path)) {
    return {
      ...{ kind: "APIResourceList", apiVersion: "v1", groupVersion: path.replace(/^apis?\//, "") },
      resources: RESOURCES.filter(({ group }) => group === path).map(({ kind, plural }) => ({
        ...{ kind, name: plural, singularName: kind.toLowerCase(), namespaced: true, verbs: VERBS },
      })),
    };
  }
  if (path === "openapi/v3") {
    const paths = groups.map((group) => [
      group,
      { serverRelativeURL: `/openapi/v3/${group}?hash=1` },
    ]);
    return { paths: Object.fromEntries(paths) };
  }
  return path.startsWith("openapi/v3/") ? openApiOf(path.slice("openapi/v3/".length)) : null;
}

function openApiOf(group: string): unknown {
  const paths = RESOURCES.filter((each) => each.group === group).map(({ kind, plural }) => {
    const [version, name = ""] = group.split("/").slice(1).reverse();
    return [
      `/${group}/namespaces/{namespace}/${plural}/{name}`,
      {
        patch: {
          parameters: [{ name: "fieldValidation", in: "query", schema: { type: "string" } }],
          responses: {},
          "x-kubernetes-group-version-kind": { group: name, kind, version },
        },
      },
    ] as const;
  });
  const info = { title: "Kubernetes", version: "v1.32.0" };
  return { openapi: "3.0.0", info, paths: Object.fromEntries(paths) };
}
