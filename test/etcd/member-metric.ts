/** Reads one value from a member's metrics page. */

/** @throws Error when the page does not have it. */
export async function memberMetric(endpoint: string, name: string): Promise<number> {
  const response = await fetch(`http://${endpoint}/metrics`);
  const line = new RegExp(`^${name} (\\S+)$`, "m").exec(await response.text());
  if (line === null) throw new Error(`etcd's metrics lack ${name}`);
  return Number(line[1]);
}
