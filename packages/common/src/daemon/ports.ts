/** Every port that a daemon of this project opens. UDP unless said. */
export const ports = {
  /** WireGuard device `sdn-wg-a`. */
  wireguardA: 5555,
  /** WireGuard device `sdn-wg-b`, while keys rotate. */
  wireguardB: 5556,
  /** Echo on the node's mesh addresses, by which peers tell that the data path works. */
  echo: 5557,
  /** TCP, HTTP: health, metrics and status of each daemon. */
  tunnelHttp: 9565,
  proxyHttp: 9566,
  discoveryHttp: 9567,
  /** UDP and TCP. */
  dns: 53,
} as const;
