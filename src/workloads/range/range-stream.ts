/** Finds out before any load whether the members can stream ranges. */
import { usageError } from "../../errors.ts";
import { type ControlAccess, ControlClient } from "../../etcd/control-client.ts";

/** @throws BenchError (usage) that names the first endpoint that cannot */
export async function checkRangeStream(
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  const client = new ControlClient(endpoints, { access });
  try {
    for (const endpoint of endpoints) {
      if (await client.hasRangeStream(endpoint)) continue;
      throw usageError(
        `--stream: the etcd at ${endpoint} has no RangeStream, which came with 3.7; leave --stream ` +
          "out, or give --paginate",
      );
    }
  } finally {
    client.close();
  }
}
