/** Owns reading one figure of a member's metrics page. */

/** @throws Error where the page lacks it. */
export async function memberMetric(endpoint: string, name: string): Promise<number> {
  const response = await fetch(`http://${endpoint}/metrics`);
  const line = new RegExp(`^${name} (\\S+)$`, "m").exec(await response.text());
  if (line === null) throw new Error(`etcd's metrics lack ${name}`);
  return Number(line[1]);
}
