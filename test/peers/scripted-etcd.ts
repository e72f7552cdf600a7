/** An etcd with answers from the test: errors, leases that end, streams that break. */
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { JOIN_FILE_VERSION, type JoinFile, newGroupSecret } from "../../src/agents/join-file.ts";
import { type ServiceName, serviceDefinition } from "../../src/protos.ts";

/** Answers a unary call. */
export type Answer = (error: object | null, response?: object) => void;

/** By service name; methods that are missing are UNIMPLEMENTED. */
export type ScriptedServices = Partial<Record<ServiceName, UntypedServiceImplementation>>;

const HEADER = { revision: "7" };

/** Grants leases that are gone at their first keep-alive. */
export const LEASES_THAT_END: UntypedServiceImplementation = {
  LeaseGrant: (_: object, answer: Answer) => answer(null, { header: HEADER, ID: "1", TTL: "15" }),
  LeaseKeepAlive(stream: ServerDuplexStream<object, object>) {
    stream.on("data", () => stream.write({ header: HEADER, ID: "1", TTL: "0" }));
    stream.on("end", () => stream.end());
    stream.on("error", () => {
      // The client ends the stream.
    });
  },
};

/** Answers as an etcd cluster. */
export const CLUSTER: UntypedServiceImplementation = {
  MemberList: (_: object, answer: Answer) => answer(null, { header: HEADER, members: [] }),
};

/** @param use gets the join file for agents and runs */
export async function withScriptedEtcd(
  services: ScriptedServices,
  use: (join: JoinFile) => Promise<void>,
): Promise<void> {
  const server = new Server();
  for (const name of Object.keys(services) as ServiceName[]) {
    server.addService(serviceDefinition(name), services[name]!);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  try {
    await use({
      ...{ version: JOIN_FILE_VERSION, endpoints: [`127.0.0.1:${port}`], group: "g" },
      ...{ secret: newGroupSecret(), tls: null, user: null },
    });
  } finally {
    server.forceShutdown();
  }
}
