/** Changes the users of a throwaway cluster, as root. */
import { Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { grpcJsCredentials } from "../../src/access/grpc-js-credentials.ts";
import { isTokenRefused } from "../../src/access/token-refused.ts";
import type { LocalCluster } from "../../src/etcd/local-cluster.ts";
import { openAccess } from "../../src/etcd/token-source.ts";
import { serviceDefinition } from "../../src/protos.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

/** Deadline of one call; only a hang reaches it. */
const DEADLINE_MS = patient(20_000);

type AuthMethod =
  | "UserAdd"
  | "UserChangePassword"
  | "UserDelete"
  | "UserGrantRole"
  | "RoleAdd"
  | "RoleGrantPermission";

/** Calls the Auth service with a new token of root, because tokens may expire soon. */
export async function asRoot(
  cluster: LocalCluster,
  method: AuthMethod,
  request: object,
): Promise<void> {
  const endpoint = cluster.endpoints[0]!;
  const access = openAccess([endpoint], cluster.access);
  const tokens = access.tokens!;
  const client = new Client(endpoint, grpcJsCredentials(access.tls, endpoint));
  try {
    let token = (await tokens.token())!;
    await until(`${method} with a token that counts`, async () => {
      const fault = await callAuth(client, token, method, request);
      if (fault === null) return true;
      if (!isTokenRefused(fault.code, fault.details)) throw fault;
      token = (await tokens.renew(token))!;
      return false;
    });
  } finally {
    client.close();
    tokens.close();
  }
}

/** Resolves to null, or to the error of etcd. */
function callAuth(
  client: Client,
  token: string,
  method: AuthMethod,
  request: object,
): Promise<ServiceError | null> {
  const metadata = new Metadata();
  metadata.set("token", token);
  const { path, requestSerialize, responseDeserialize } =
    serviceDefinition("etcdserverpb.Auth")[method]!;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      { deadline: Date.now() + DEADLINE_MS },
      (fault) => resolve(fault),
    );
  });
}

export interface Grant {
  permType: "READ" | "WRITE" | "READWRITE";
  key: Uint8Array;
  /** Exclusive end of the range; absent: a single key. */
  rangeEnd?: Uint8Array;
}

/** Adds a user, and a role of the same name with only these permissions. */
export async function addUser(
  cluster: LocalCluster,
  name: string,
  password: string,
  ...grants: Grant[]
): Promise<void> {
  await asRoot(cluster, "UserAdd", { name, password });
  await asRoot(cluster, "RoleAdd", { name });
  for (const perm of grants) await asRoot(cluster, "RoleGrantPermission", { name, perm });
  await asRoot(cluster, "UserGrantRole", { user: name, role: name });
}
