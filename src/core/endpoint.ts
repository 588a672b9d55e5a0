/** An address or name with a port, as in an address of the web: `10.0.0.1:6443`, `[fd00::1]:6443`. */
export function endpointText({ address, port }: { readonly address: string; readonly port: number | string }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
