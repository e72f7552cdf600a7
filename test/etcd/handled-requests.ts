/** Reads from etcd's metrics how many requests each member has answered. */

/**
 * @param method of the KV or Auth service
 * @param code of the answers, in the spelling of etcd's metrics: `InvalidArgument`
 * @returns in the order of the endpoints
 */
export function handledByMember(
  endpoints: readonly string[],
  method: string,
  code = "OK",
): Promise<number[]> {
  return Promise.all(
    endpoints.map(async (endpoint) => {
      const page = await (await fetch(`http://${endpoint}/metrics`)).text();
      const line = new RegExp(
        `^grpc_server_handled_total\\{grpc_code="${code}",grpc_method="${method}",.*\\} (\\S+)$`,
        "m",
      );
      return Number(line.exec(page)?.[1] ?? 0);
    }),
  );
}
