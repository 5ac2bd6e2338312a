/**
 * Kernel modules of what the lab and the daemons use. They would load by themselves, one program start for each and while
 * ten daemons wait for them; loaded together before, an emulated processor is done in a few seconds.
 */
export const DATA_PLANE_MODULES: readonly string[] = [
  ...["veth", "bridge", "tun", "af_packet", "wireguard"],
  ...["nf_tables", "nft_chain_nat", "nft_nat", "nft_masq", "nft_ct", "nft_fib_inet", "nft_reject_inet", "nft_numgen", "nf_conntrack_netlink"],
  ...["ip_vs", "ip_vs_rr", "ip_vs_wrr"],
];
