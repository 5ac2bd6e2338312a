import type { ChainRule, ForeignChain } from "@sdn-tunnel/common/netfilter/chain";

/** Chains in which Calico and kube-router refuse what a NetworkPolicy does not allow, and let go on what it does. */
const enforcing = /^jump (?:cali-|KUBE-ROUTER-)/;

/** Whether an accept of ours has to come behind this rule, so as not to pass by the policies of pods. */
export const enforcesPolicy = ({ verdict }: ChainRule): boolean => enforcing.test(verdict ?? "");

/**
 * Whether policies are kept by accepting in a chain and dropping all the rest behind it, as Weave Net does: there is no
 * place for us, and no need, since it accepts what comes for pods that no policy selects.
 */
export const isPolicyItself = ({ rules }: ForeignChain): boolean => rules.some(({ verdict }) => verdict === "jump WEAVE-NPC");
