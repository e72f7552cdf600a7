/** Settings of several workloads that runs of a suite may differ in. */

export const MIX_SETTING = {
  name: "mix",
  read: ({ mix }: { mix: readonly { operation: string; weight: number }[] }) =>
    mix.map(({ operation, weight }) => `${operation} ${weight}`).join(", "),
};

export const TXN_OPS_SETTING = {
  name: "puts of a transaction",
  read: ({ txnOps }: { txnOps: number }) => txnOps,
};
