/** How much the doctor may ask of a cluster, apart from the probes themselves, which are heavy to load. */

/** `none` sends no request; `light` sends about 50 a second to the whole cluster; `full` adds a load. */
export const PROBE_LEVELS = ["none", "light", "full"] as const;

export type ProbeLevel = (typeof PROBE_LEVELS)[number];
