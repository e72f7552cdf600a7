import type { TargetInfo } from "./inspect.ts";

/** Of each member the first of its endpoints; all of those that are not known to be of one member. */
export function firstEndpoints(
  endpoints: readonly string[],
  memberIdOf: TargetInfo["memberIdOf"],
): string[] {
  const seen = new Set<string>();
  return endpoints.filter((endpoint) => {
    const member = memberIdOf?.get(endpoint) ?? endpoint;
    if (seen.has(member)) return false;
    seen.add(member);
    return true;
  });
}
