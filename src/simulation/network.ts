/** The ports of one embedded host: which local port stands behind which of its addresses. */
export class HostNetwork {
  readonly address: string;
  readonly #ports = new Map<string, number>();

  constructor(address: string) {
    this.address = address;
  }

  /** A server of the host listens at an address of it. @returns what ends that. */
  open(address: string, port: number, localPort: number): () => void {
    const key = `${address}:${port}`;
    this.#ports.set(key, localPort);
    return () => {
      if (this.#ports.get(key) === localPort) this.#ports.delete(key);
    };
  }

  /** @returns undefined where nothing listens. */
  localPort(address: string, port: number): number | undefined {
    return this.#ports.get(`${address}:${port}`);
  }
}

/** The network between the hosts of a fleet, with the virtual address that some master answers. */
export class FleetNetwork {
  readonly #virtualAddress: string;
  readonly #hosts: HostNetwork[] = [];

  constructor(virtualAddress: string) {
    this.#virtualAddress = virtualAddress;
  }

  add(host: HostNetwork): void {
    this.#hosts.push(host);
  }

  /** The local port behind an address, as seen from a host; undefined where nothing listens. */
  resolve(from: HostNetwork, address: string, port: number): number | undefined {
    if (address === '127.0.0.1' || address === 'localhost') return from.localPort('127.0.0.1', port);
    const own = this.#hosts.find((host) => host.address === address);
    if (own) return own.localPort(address, port);
    if (address !== this.#virtualAddress) return undefined;
    for (const host of this.#hosts) {
      const localPort = host.localPort(host.address, port);
      if (localPort !== undefined) return localPort;
    }
    return undefined;
  }
}
