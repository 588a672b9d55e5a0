/** The ports of one embedded host: the local port behind each of its addresses. */
export class HostNetwork {
  readonly address: string;
  readonly #ports = new Map<string, number>();

  constructor(address: string) {
    this.address = address;
  }

  /** Registers a server of the host at one of its addresses. @returns a function that removes it */
  open(address: string, port: number, localPort: number): () => void {
    const key = `${address}:${port}`;
    this.#ports.set(key, localPort);
    return () => {
      if (this.#ports.get(key) === localPort) this.#ports.delete(key);
    };
  }

  /** @returns undefined if nothing listens */
  localPort(address: string, port: number): number | undefined {
    return this.#ports.get(`${address}:${port}`);
  }
}

/** The network between the hosts of a fleet, including the virtual address of its masters. */
export class FleetNetwork {
  readonly #virtualAddress: string;
  readonly #hosts: HostNetwork[] = [];

  constructor(virtualAddress: string) {
    this.#virtualAddress = virtualAddress;
  }

  add(host: HostNetwork): void {
    this.#hosts.push(host);
  }

  /** The local port behind an address, as seen from a host; undefined if nothing listens. */
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
