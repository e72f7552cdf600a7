/** Owns the defaults of `bench kubernetes` where they differ from those of other commands. */

/** The rate, the mix and the number of pods follow from the size of the cluster. */
export const KUBERNETES_DEFAULTS = {
  clients: "50",
  /** Fewer with --scenario=relist, so that each lister soon comes round again. */
  relistClients: "10",
  duration: "60s",
  prefix: "/bench",
  eventTtl: "1h",
  compactInterval: "5m",
} as const;
